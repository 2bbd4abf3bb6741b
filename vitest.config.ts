// How the tests run: three workers on a small machine, because many of them mostly wait, and no test may take for ever.
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Scenarios of one file play side by side, each on a stage of its own: they mostly wait.
    maxConcurrency: 2,
    // A page may take its time on a busy machine: what is waited for is the condition.
    expect: { poll: { timeout: 10_000, interval: 50 } },
    // A bot's environment must never leak into a test, nor a test's into a bot.
    env: { TALOSCONFIG: '', TALOS_HOME: '', KUBECONFIG: '', SLACK_BOT_TOKEN: '', SLACK_APP_TOKEN: '' },
  },
});

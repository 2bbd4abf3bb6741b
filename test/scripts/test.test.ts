// npm test for real, on planted test files: exit code, last line, and an environment in which nothing real can be reached.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/test.mjs', import.meta.url));
/** Starting vitest once more takes a second or two; the rest is for a busy machine. */
const LIMIT_MS = 180_000;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function aFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-planted-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function run(folder: string, env: NodeJS.ProcessEnv = {}) {
  // As in a shell: this run's own marks of being inside vitest are not passed on.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST|NODE_ENV|DEV|PROD|MODE)/.test(name),
  );
  const words = [SCRIPT, '--root', folder, '--globals', '--config', join(folder, 'vitest.config.js')];
  const { status, stdout } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    env: { ...Object.fromEntries(inherited), ...env },
  });
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1), stdout };
}

const CONFIG = { 'vitest.config.js': 'export default {};' };

describe('npm test', { timeout: LIMIT_MS }, () => {
  it('ends with the counts and exit code 1 when tests fail, are skipped, or cannot be loaded', () => {
    const folder = aFolder({
      ...CONFIG,
      'good.test.js': "test('passes', () => {}); test.skip('two (skipped: no etcd)', () => {});",
      'bad.test.js': "test('fails', () => { throw new Error('as planted'); });",
      'broken.test.js': "import './not-there.js';",
    });
    const { status, lastLine, stdout } = run(folder);
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: '1 passed, 2 failed, 1 skipped' });
    expect(stdout).toContain('two (1): no etcd');
  });

  it('fails when nothing was there to run', () => {
    expect(run(aFolder(CONFIG))).toMatchObject({ status: 1, lastLine: '0 passed, 1 failed' });
  });

  it('fails when an error escapes although every test passed', () => {
    const escaping = "test('passes', () => { setTimeout(() => { throw new Error('as planted'); }, 0); });\n";
    const waiting = "test('waits', () => new Promise((resolve) => setTimeout(resolve, 50)));";
    expect(run(aFolder({ ...CONFIG, 'a.test.js': escaping + waiting }))).toMatchObject({
      status: 1,
      lastLine: '2 passed, 1 failed',
    });
  });

  it('gives tests no credentials but the one they are asked to use, and an empty home that is gone afterwards', () => {
    const seen = join(aFolder({}), 'seen.json');
    const telling = `import { readdirSync, writeFileSync } from 'node:fs';
      test('tells', () => {
        const names = Object.keys(process.env).filter((name) => /TALOS|KUBE|SLACK|XDG/.test(name));
        writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ names, home: process.env.HOME }));
      });`;
    const secrets = {
      TALOSCONFIG: '/real/talosconfig',
      TALOS_HOME: '/real',
      TALOS_CHATOPS_TEST_KUBECONFIG: '/a/test/kubeconfig',
      KUBECONFIG: '/real/kubeconfig',
      SLACK_BOT_TOKEN: 'xoxb-real',
      SLACK_APP_TOKEN: 'xapp-real',
      XDG_CONFIG_HOME: '/real',
    };
    const { status, lastLine } = run(aFolder({ ...CONFIG, 'a.test.js': telling }), secrets);
    expect({ status, lastLine }).toEqual({ status: 0, lastLine: '1 passed, 0 failed' });
    const { names, home } = JSON.parse(readFileSync(seen, 'utf8')) as { names: unknown; home: string };
    expect(names).toEqual(['TALOS_CHATOPS_TEST_KUBECONFIG']);
    expect(home).not.toBe(process.env['HOME']);
    expect(existsSync(home)).toBe(false);
  });
});

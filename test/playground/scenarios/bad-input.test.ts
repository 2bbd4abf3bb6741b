// Bad input gets one clear sentence with the nearest correct example, privately, and changes nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER, raiseStage, type Stage } from '../../../playground/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await raiseStage({
    world: { talosVersion: 'v1.13.4' },
    port: 0,
    pollMs: 50,
    onLine: () => undefined,
  });
});
afterAll(() => stage.stop());

/** What is typed, and what the private answer must say. */
const ROWS: readonly (readonly [typed: string, says: readonly RegExp[]])[] = [
  ['/talos upgarde v1.13.5', [/upgrade/]],
  ['/talos upgrade', [/v?1\.\d+\.\d+/]],
  ['/talos upgrade 1.13', [/1\.13/, /v1\.\d+\.\d+/]],
  ['/talos upgrade homlab v1.13.5', [/homelab/]],
  ['/talos upgrade “homelab” v1.13.5 – now', [/talos upgrade/]],
  ['/talos upgrade homelab latest', [/v1\.\d+\.\d+/]],
  ['/talos rollback node', [/rollback/]],
  ['/talos rollback node cp-9', [/cp-9/, /cp-1/]],
  ['/talos upgrade homelab v1.13.4', [/already/]],
  ['/talos pause', [/homelab|nothing|no rollout/i]],
  ['/talos status nowhere', [/homelab/]],
];

describe('bad input', () => {
  it.each(ROWS)('%s is answered privately and changes nothing', { timeout: 30_000 }, async (typed, says) => {
    const { slack, cluster, journal } = stage;
    const user = slack.users.requester;
    const { platform } = slack.channels;
    const privately = () => slack.messages(platform, { user }).filter((message) => message.ephemeral);
    const before = { said: privately().length, open: JSON.stringify(slack.messages(platform)) };
    const reply = await slack.command(user, platform, typed);
    expect(reply.ok).toBe(true);
    const answer = await slack.until(
      `a private answer to ${typed}`,
      () => {
        const fresh = privately()
          .slice(before.said)
          .map((message) => `${message.text} ${JSON.stringify(message.blocks)}`);
        return fresh.find((text) => says.every((pattern) => pattern.test(text)));
      },
      15_000,
    );
    expect(answer).toBeDefined();
    expect(JSON.stringify(slack.messages(platform))).toBe(before.open);
    expect(await journal.claimOf(CLUSTER)).toBeNull();
    const touched = cluster.world
      .snapshot()
      .nodes.flatMap((node) => Object.values(node.counters))
      .filter((count) => count > 0);
    expect(touched).toEqual([]);
  });
});

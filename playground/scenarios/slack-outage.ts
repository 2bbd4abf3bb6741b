// Slack is away in the middle of an upgrade: the machine goes on where it needs nobody, and people find everything when it is back.
import { outcomeIs, upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
/** More calls than anybody makes before Slack is healed. */
const ALL = 100_000;

export const slackOutage: Scenario = {
  name: 'slack-outage',
  sentence:
    'Slack refuses every call and drops its sockets while the workers are upgraded: the rollout goes on to the first gate, waits there, and every message is there once when Slack is back.',
  world: { talosVersion: FROM, controlPlanes: 1 },
  play: async (troupe) => {
    const { slack } = troupe.stage;
    await begin(troupe, TO);
    await troupe.until('a worker to be away', () => troupe.stage.cluster.world.snapshot().awayNow.length > 0);
    const posts = (): number => slack.counters().byMethod['chat.postMessage'] ?? 0;
    const tried = posts();
    await slack.fault({ name: 'slack-http-error', method: '*', count: ALL, status: 503 });
    const before = troupe.everything().length;
    await slack.fault({ name: 'slack-kill', sockets: 'all' });
    await troupe.until('the first gate', async () => (await troupe.rollout())?.phase.phase === 'at-gate');
    await troupe.until('a message to be posted in vain', () => posts() > tried);
    if (troupe.everything().length !== before)
      throw new Error('something was posted although Slack was away');
    await slack.fault({ name: 'slack-clear' });
    // Messages need no socket, clicks do: whoever presses before is told that the app did not respond.
    await troupe.until('the bot to hear again', () => slack.sockets() > 0);
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    await troupe.until('the whole thread, once', () => twice(troupe).length === 0 && cards(troupe) === 1);
  },
  expect: (measured) => [
    ...upgradedWell(measured, TO),
    outcomeIs(measured, 'upgraded'),
    ['a click was refused', measured.refusedClicks >= 1],
  ],
};

/** Messages of the bot that say the same in the same thread. */
function twice(troupe: Troupe): readonly string[] {
  const said = troupe
    .everything()
    .filter(({ fromBot, ephemeral }) => fromBot && !ephemeral)
    .map(({ thread_ts: thread, text }) => `${thread ?? ''} ${text}`);
  return said.filter((text, index) => said.indexOf(text) !== index);
}

function cards(troupe: Troupe): number {
  const { channel, stage } = troupe;
  return stage.slack
    .messages(channel)
    .filter(({ fromBot, ephemeral, broadcast }) => fromBot && !ephemeral && broadcast !== true).length;
}

// A canary: one worker goes first and alone and proves a cold boot; what does not hold after it keeps all others where they are.
import { stepsOf } from '../../src/rollout/plan.ts';
import { soakingOf } from '../../src/rollout/soak.ts';
import { CLUSTER } from '../stage.ts';
import { upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
/** Of three workers the one with the fewest pods behind disruption budgets. */
const CANARY = 'w-3';
const CHECK = 'nodes are not sick';
const SICK = 'sick';

export const canary: Scenario = {
  name: 'canary',
  sentence:
    'The worker whose departure hurts least goes first, by a cold boot, and soaks; a person continues, but a check does not hold: the others stay until it does.',
  world: { talosVersion: FROM },
  policy: { order: 'canary', canary: { rebootMode: 'powercycle' }, soak: { canary: '10m' } },
  healthChecks: [
    {
      ...{ apiVersion: 'v1', kind: 'Node', description: CHECK },
      expr: `!has(object.metadata.labels.${SICK})`,
    },
  ],
  play: async (troupe) => {
    await begin(troupe, TO);
    await troupe.until('the reason for the canary', () =>
      said(troupe, 'Canary', 'first and alone, because its departure hurts least'),
    );
    await troupe.until('the canary to soak', async () => {
      const rollout = await troupe.rollout();
      return rollout !== null && soakingOf(rollout) !== null;
    });
    await troupe.command('requester', '/talos status');
    await troupe.until('until when it soaks', () => told(troupe, 'requester', '*Soaking* until'));
    await troupe.stage.slack.fault({ name: 'node-labelled', node: CANARY, label: SICK });
    await troupe.command('bystander', '/talos continue');
    await troupe.until('a private refusal', () => told(troupe, 'bystander', 'not an operator'));
    alone(troupe);
    await troupe.command('requester', '/talos continue');
    await troupe.until('who continued, in the thread', () => said(troupe, '*Soak cut short*'));
    await troupe.until('what the others wait for', async () => (await notes(troupe)).includes(CHECK));
    // Resuming asks at once; without it the bot would ask again after a while.
    await troupe.command('requester', '/talos pause');
    await troupe.until('the pause', async () => (await troupe.rollout())?.phase.phase === 'paused');
    alone(troupe);
    await troupe.stage.slack.fault({ name: 'heal', fault: 'node-labelled' });
    await troupe.command('requester', '/talos resume');
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    await bootedCold(troupe);
  },
  expect: (measured) => [
    ...upgradedWell(measured, TO),
    ['the canary went before all others', measured.rebootOrder[0] === CANARY],
  ],
};

/** What the card will show of it within seconds, which is longer than a node takes here. */
async function notes(troupe: Troupe): Promise<string> {
  const id = (await troupe.rollout())?.id ?? '';
  const all = await troupe.stage.journal.notes(CLUSTER, id);
  return Object.values(all)
    .map(({ sentence }) => sentence)
    .join('; ');
}

/** Throws unless the canary, and nobody else, went so far. */
function alone({ stage }: Troupe): void {
  const gone = stage.cluster.world.counters.rebootOrder.join(', ');
  if (gone !== CANARY) throw new Error(`${gone} went, and only the canary should have`);
}

async function bootedCold(troupe: Troupe): Promise<void> {
  const plan = (await troupe.rollout())?.plan ?? null;
  const cold = plan === null ? [] : stepsOf(plan).filter(({ params }) => params['mode'] === 'powercycle');
  const names = cold.map(({ node }) => node).join(', ');
  if (names !== CANARY) throw new Error(`${names} booted cold, and only the canary should have`);
}

function said(troupe: Troupe, ...words: readonly string[]): boolean {
  return has(troupe.everything(), words);
}

function told(troupe: Troupe, who: 'requester' | 'bystander', ...words: readonly string[]): boolean {
  return has(troupe.privately(who), words);
}

function has(messages: ReturnType<Troupe['everything']>, words: readonly string[]): boolean {
  return messages.some(({ text, blocks }) => {
    const all = `${text} ${JSON.stringify(blocks)}`;
    return words.every((word) => all.includes(word));
  });
}

// What happens in the cluster between two nodes: whoever is not whole, or upgrades too, holds the next node and nothing else.
import { CLUSTER } from '../stage.ts';
import { upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
const CHECK = 'nodes are not sick';
const SICK = 'sick';
/** The bot of a scenario asks again each 300 ms: what goes wrong then would be seen. */
const QUIET_MS = 800;

export const cel: Scenario = {
  name: 'cel',
  sentence:
    'A health check in CEL stops holding while the first node is away: the next one waits, untouched, until it holds again.',
  world: { talosVersion: FROM },
  healthChecks: [
    {
      ...{ apiVersion: 'v1', kind: 'Node', description: CHECK, timeout: '5m' },
      expr: `!has(object.metadata.labels.${SICK})`,
    },
  ],
  play: async (troupe) => {
    await begin(troupe, TO);
    await waiting(troupe, { name: 'node-labelled', node: 'cp-2', label: SICK }, CHECK);
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => upgradedWell(measured, TO),
};

export const otherUpgrader: Scenario = {
  name: 'other-upgrader',
  sentence:
    'tuppr at work stops a plan; when it begins while a node is away, the next one waits until it has ended.',
  world: { talosVersion: FROM },
  play: async (troupe) => {
    await stopsThePlan(troupe);
    await begin(troupe, TO);
    await waiting(troupe, { name: 'tuppr-works' }, 'tuppr is at work here');
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
  },
  expect: (measured) => upgradedWell(measured, TO),
};

async function stopsThePlan(troupe: Troupe): Promise<void> {
  await troupe.stage.slack.fault({ name: 'tuppr-works' });
  await troupe.command('requester', `/talos upgrade ${TO}`);
  await troupe.until('tuppr on the card', () => said(troupe, 'tuppr is at work here'));
  if (troupe.button('rollout:start') !== null)
    throw new Error('it can be started while somebody else upgrades');
  await troupe.command('requester', '/talos abort');
  await troupe.end();
  await troupe.stage.slack.fault({ name: 'heal', fault: 'tuppr-works' });
}

type Fault = Readonly<Record<string, string>> & { readonly name: string };

/** Something goes wrong while the first node is away, and is over when people have seen that the next one waits. */
async function waiting(troupe: Troupe, fault: Fault, sentence: string): Promise<void> {
  const { world } = troupe.stage.cluster;
  await troupe.until('the first node to be away', () => world.snapshot().awayNow.length > 0);
  await troupe.stage.slack.fault(fault);
  // What the card will show of it within seconds, which is longer than a node takes here.
  await troupe.until(`"waiting: … ${sentence}" noted`, async () => {
    const notes = await troupe.stage.journal.notes(CLUSTER, (await troupe.rollout())?.id ?? '');
    return Object.values(notes).some(
      (note) => note.sentence.startsWith('waiting:') && note.sentence.includes(sentence),
    );
  });
  await troupe.command('bystander', '/talos why');
  await troupe.until('why it waits, said privately', () =>
    troupe
      .privately('bystander')
      .some(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`.includes(sentence)),
  );
  const before = world.counters.rebootOrder.length;
  const until = Date.now() + QUIET_MS;
  await troupe.until('the next node to stay', () => {
    const cordoned = world.nodes.filter(({ name }) => world.kubernetes.isCordoned(name));
    if (before !== 1 || world.counters.rebootOrder.length !== 1 || cordoned.length > 0)
      throw new Error(`the next node was touched while ${sentence}`);
    return Date.now() > until;
  });
  await troupe.stage.slack.fault({ name: 'heal', fault: fault.name });
}

function said(troupe: Troupe, ...words: readonly string[]): boolean {
  return troupe.everything().some(({ blocks }) => {
    const text = JSON.stringify(blocks);
    return words.every((word) => text.includes(word));
  });
}

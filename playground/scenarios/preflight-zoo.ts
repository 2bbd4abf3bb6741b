// One fault per check, put into one cluster one after another: each must be found, and nothing is touched.
import type { Message } from '../slack/contract.ts';
import { nothingRejected, outcomeIs } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { A_FOLLOWER, type Exhibit } from './zoo/exhibit.ts';
import { KUBERNETES, OWN_POD, SICK } from './zoo/kubernetes.ts';
import { MACHINES } from './zoo/machines.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';

export const EXHIBITS: readonly Exhibit[] = [...MACHINES, ...KUBERNETES];

/** Checks whose fault cannot be put into a cluster that nobody has touched, and why. */
export const NOT_SHOWN: Readonly<Record<string, string>> = {
  'etcd-copy': 'it is about a cluster with a single member, and this one has three',
  'etcd-snapshot': 'the archive is set up when the bot starts, and this bot has one',
  'etcd-versions': 'the simulated machines of one cluster run the same etcd',
  'rollback-target': 'it is about rollbacks: scenario rollback',
  'machine-armed': 'it is about what earlier rollouts left: scenarios staged and held',
  'machine-in-doubt': 'it is about what earlier rollouts left: scenario lost-reply',
  backup: 'it is about what the policy asks for, and this one asks for no backup: scenario velero',
  neighbours: 'it is about whom the policy suspends, and this one suspends nobody: scenarios flux and argo',
  'new-troubles': 'it compares what is after a node with what was before: nothing has happened here',
  'next-drain': 'it asks for a dry run right before a node is emptied',
  'node-away': 'it is about what earlier rollouts left: scenario maintenance',
};

export const preflightZoo: Scenario = {
  name: 'preflight-zoo',
  sentence:
    'One fault per check, one after another: each plan names its fault with the right weight, and nothing is touched.',
  world: { talosVersion: FROM, kubernetesVersion: 'v1.31.5' },
  ownPod: OWN_POD,
  healthChecks: [
    {
      ...{ apiVersion: 'v1', kind: 'Node', description: 'nodes are well' },
      expr: `!has(object.metadata.labels.${SICK})`,
    },
  ],
  play: async (troupe) => {
    const quiet = await plan(troupe, TO);
    const misses: string[] = [];
    for (const exhibit of EXHIBITS) misses.push(...(await show(troupe, exhibit, quiet)));
    misses.push(...(await showDarkness(troupe)));
    const after = await plan(troupe, TO);
    for (const exhibit of EXHIBITS) {
      if (exhibit.asked === undefined && found(after, exhibit) !== null)
        misses.push(`${exhibit.check} is still found after its fault was healed`);
    }
    // The same question as a wish: what nobody may override stops it, and the journal has it.
    await troupe.stage.slack.fault({ name: 'etcd-learner', node: 'cp-2' });
    await troupe.command('requester', `/talos upgrade ${TO}`);
    await troupe.end();
    // All of them at once: whoever changed a sentence wants to see every row it concerns.
    if (misses.length > 0) throw new Error(misses.join('; '));
  },
  expect: (measured) => [
    outcomeIs(measured, 'blocked'),
    ['nobody called anything that changes a machine or a node', measured.touches === 0],
    [
      'every node is as it was',
      measured.nodes.every(
        ({ installs, reboots, rollbacks, from, to }) =>
          installs === 0 && reboots === 0 && rollbacks === 0 && from === to,
      ),
    ],
    ['etcd was not copied', measured.snapshots === 0],
    nothingRejected(measured),
  ],
};

/** What is not as the row says; nothing when it is. */
async function show(troupe: Troupe, exhibit: Exhibit, quiet: Answer): Promise<readonly string[]> {
  const { check, fault, credentials, asked = TO } = exhibit;
  if (exhibit.asked === undefined && found(quiet, exhibit) !== null)
    return [`${check} is found without its fault`];
  if (credentials !== undefined) await troupe.stage.renewTalosconfig(credentials);
  if (fault !== undefined) await put(troupe, fault);
  const answer = await plan(troupe, asked);
  if (fault !== undefined) await heal(troupe, fault.name);
  if (credentials !== undefined) await troupe.stage.renewTalosconfig();
  return missesOf(answer, exhibit);
}

/** Lines of an answer that people still read. */
const READABLE = 12;

/** Without Kubernetes the machines are still looked at, and what nobody knows is said once. */
async function showDarkness(troupe: Troupe): Promise<readonly string[]> {
  const fault = 'kubernetes-away';
  await put(troupe, { name: fault });
  const { lines } = await plan(troupe, TO);
  await heal(troupe, fault);
  const dark = lines.filter(({ text }) => text.includes('nothing is known about'));
  return [
    ...(dark.length === 1 && dark[0]?.level === 'unknown'
      ? []
      : [`${dark.length} lines say what is not known`]),
    ...(lines.length <= READABLE ? [] : [`without Kubernetes the answer has ${lines.length} findings`]),
  ];
}

function missesOf(answer: Answer, exhibit: Exhibit): readonly string[] {
  const { check, level, subject, says } = exhibit;
  const line = found(answer, exhibit);
  if (line === null) return [`${check}: no finding says "${says}"`];
  return [
    ...(line.level === level ? [] : [`${check} is a ${line.level}, not a ${level}: ${line.text}`]),
    ...(subject === 'cluster' || line.text.includes(subject)
      ? []
      : [`${check} is not about ${subject}: ${line.text}`]),
  ];
}

async function put(troupe: Troupe, fault: NonNullable<Exhibit['fault']>): Promise<void> {
  const { world } = troupe.stage.cluster;
  await troupe.until('etcd to have a leader', () => world.snapshot().etcd.leader !== null);
  const { leader } = world.snapshot().etcd;
  const node = fault['node'] === A_FOLLOWER ? { node: leader === 'cp-2' ? 'cp-1' : 'cp-2' } : {};
  await troupe.stage.slack.fault({ ...fault, ...node });
}

async function heal(troupe: Troupe, fault: string): Promise<void> {
  await troupe.stage.slack.fault({ name: 'heal', fault });
  await troupe.until('the nodes to be well again', () =>
    troupe.stage.cluster.world.snapshot().nodes.every((node) => node.back),
  );
}

interface Line {
  readonly level: string;
  readonly text: string;
}

interface Answer {
  readonly text: string;
  readonly lines: readonly Line[];
}

/** Asks for a plan and reads the private answer. */
async function plan(troupe: Troupe, asked: string): Promise<Answer> {
  const answers = (): readonly Message[] =>
    troupe.privately('requester').filter(({ blocks }) => JSON.stringify(blocks).includes(ENDING));
  const before = answers().length;
  await troupe.command('requester', `/talos plan ${asked}`);
  await troupe.until(`the answer to plan ${asked}`, () => answers().length > before);
  const message = answers().at(-1);
  if (message === undefined) throw new Error('the answer went away');
  return read(message);
}

/** What ends every answer that changed nothing. */
const ENDING = 'Nothing was changed';

const TITLES: Readonly<Record<string, string>> = {
  Blockers: 'blocker',
  Unknown: 'unknown',
  Warnings: 'warning',
};

/** Findings stand under the title of their level. */
function read({ blocks }: Message): Answer {
  const text = textsIn(blocks).join('\n');
  let level = '';
  const lines = text.split('\n').flatMap((line): Line[] => {
    const [, title = ''] = /^\*([A-Z][a-z]+)[^*]*\* \(\d+\)$/.exec(line) ?? [];
    level = TITLES[title] ?? level;
    return line.startsWith('•') ? [{ level, text: line }] : [];
  });
  return { text, lines };
}

function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'text' && typeof inner === 'string' ? [inner] : textsIn(inner),
  );
}

function found(answer: Answer, { says }: Exhibit): Line | null {
  return answer.lines.find(({ text }) => text.includes(says)) ?? null;
}

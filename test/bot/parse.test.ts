// What people type, and what it is read as: a command, or one sentence with an example that would be accepted.
import { describe, expect, test } from 'vitest';
import type { Around } from '../../src/bot/cluster-words.ts';
import type { Command } from '../../src/bot/command.ts';
import { exampleOf } from '../../src/bot/command-example.ts';
import { COMMANDS, SLASH, specOf } from '../../src/bot/command-table.ts';
import { parse } from '../../src/bot/parse.ts';

const ONE: Around = { clusters: [{ name: 'prod', channel: 'C1' }], channel: 'C9' };
const TWO: Around = {
  clusters: [
    { name: 'prod', channel: 'C1' },
    { name: 'lab', channel: 'C2' },
  ],
  channel: 'C9',
};
/** In the channel of exactly one of two clusters. */
const LAB: Around = { ...TWO, channel: 'C2' };
/** Two clusters share this channel: it decides nothing. */
const SHARED: Around = {
  clusters: [
    { name: 'prod', channel: 'C1' },
    { name: 'lab', channel: 'C1' },
  ],
  channel: 'C1',
};
const NONE: Around = { clusters: [], channel: 'C1' };

const upgrade = (cluster: string, version: string): Command => ({ kind: 'upgrade', cluster, version });
const path = (talos: string | null, kubernetes: string | null = null): Command => ({
  ...{ kind: 'path', cluster: 'prod', target: { talos, kubernetes } },
});
const overriding = (checks: readonly string[], reason: string): Command => ({
  ...{ kind: 'override', cluster: 'prod', checks, reason },
});
const rollback = (cluster: string, node: string): Command => ({ kind: 'rollback', cluster, node });

const GOOD: readonly (readonly [text: string, around: Around, read: Command])[] = [
  ['', ONE, { kind: 'help', topic: null }],
  ['   ', ONE, { kind: 'help', topic: null }],
  ['help', ONE, { kind: 'help', topic: null }],
  ['HELP', ONE, { kind: 'help', topic: null }],
  ['help upgrade', ONE, { kind: 'help', topic: 'upgrade' }],
  ['handover', ONE, { kind: 'hand-over', cluster: 'prod', to: null }],
  ['handover prod <@U012AB3CD|ana>', TWO, { kind: 'hand-over', cluster: 'prod', to: 'U012AB3CD' }],
  ['handover to <@U012AB3CD>', ONE, { kind: 'hand-over', cluster: 'prod', to: 'U012AB3CD' }],
  ['finish cp-2', ONE, { kind: 'finish', cluster: 'prod', node: 'cp-2' }],
  ['disarm prod node cp-2', TWO, { kind: 'disarm', cluster: 'prod', node: 'cp-2' }],
  ['help Rollback', ONE, { kind: 'help', topic: 'rollback' }],
  ['status', ONE, { kind: 'status', cluster: 'prod' }],
  ['status', TWO, { kind: 'status', cluster: null }],
  ['status', LAB, { kind: 'status', cluster: 'lab' }],
  ['status', SHARED, { kind: 'status', cluster: null }],
  ['status prod', LAB, { kind: 'status', cluster: 'prod' }],
  ['status PROD', ONE, { kind: 'status', cluster: 'prod' }],
  ['plan v1.13.5', ONE, { kind: 'plan', cluster: 'prod', version: 'v1.13.5' }],
  ['plan lab 1.13.5', TWO, { kind: 'plan', cluster: 'lab', version: 'v1.13.5' }],
  ['path', ONE, path(null)],
  ['path prod v1.14.1', TWO, path('v1.14.1')],
  ['path 1.14', ONE, path('1.14')],
  ['path to 1.14', ONE, path('1.14')],
  ['path v1.14 kubernetes 1.36', ONE, path('1.14', '1.36')],
  ['path prod kubernetes v1.36.3', TWO, path(null, 'v1.36.3')],
  ['path k8s 1.36', ONE, path(null, '1.36')],
  ['path prod to talos 1.14 and Kubernetes 1.36', ONE, path('1.14', '1.36')],
  ['path kubernetes=1.36 talos=1.14', ONE, path('1.14', '1.36')],
  ['path 1.14, --kubernetes 1.36', ONE, path('1.14', '1.36')],
  ['upgrade v1.13.5', ONE, upgrade('prod', 'v1.13.5')],
  ['upgrade 1.13.5', ONE, upgrade('prod', 'v1.13.5')],
  ['Upgrade V1.13.5', ONE, upgrade('prod', 'v1.13.5')],
  ['upgrade prod v1.13.5', ONE, upgrade('prod', 'v1.13.5')],
  ['upgrade lab v1.13.5', TWO, upgrade('lab', 'v1.13.5')],
  ['upgrade v1.13.5', LAB, upgrade('lab', 'v1.13.5')],
  ['upgrade prod v1.14.0-beta.1', ONE, upgrade('prod', 'v1.14.0-beta.1')],
  ['  upgrade   prod \t v1.13.5  ', ONE, upgrade('prod', 'v1.13.5')],
  ['upgrade\u00a0prod\u202fv1.13.5', ONE, upgrade('prod', 'v1.13.5')],
  ['upgrade “prod” ‘v1.13.5’', ONE, upgrade('prod', 'v1.13.5')],
  ['upgrade "prod" `v1.13.5`', ONE, upgrade('prod', 'v1.13.5')],
  ['upgrade prod v1.14.0–beta.1', ONE, upgrade('prod', 'v1.14.0-beta.1')],
  ['upgrade prod \u200bv1.13.5\ufeff', ONE, upgrade('prod', 'v1.13.5')],
  ['upgrade prod <http://v1.13.5|v1.13.5>', ONE, upgrade('prod', 'v1.13.5')],
  ['rollback cp-2', ONE, rollback('prod', 'cp-2')],
  ['rollback node cp-2', ONE, rollback('prod', 'cp-2')],
  ['rollback prod cp-2', ONE, rollback('prod', 'cp-2')],
  ['rollback prod node cp-2', ONE, rollback('prod', 'cp-2')],
  ['rollback lab node cp-2', TWO, rollback('lab', 'cp-2')],
  ['rollback node cp-2', LAB, rollback('lab', 'cp-2')],
  ['rollback NODE CP-2', ONE, rollback('prod', 'cp-2')],
  ['rollback cp—2', ONE, rollback('prod', 'cp-2')],
  ['rollback cp−2', ONE, rollback('prod', 'cp-2')],
  ['rollback worker-1.example.com', ONE, rollback('prod', 'worker-1.example.com')],
  [
    'rollback <http://worker-1.example.com|worker-1.example.com>',
    ONE,
    rollback('prod', 'worker-1.example.com'),
  ],
  ['override flux because “that app” is replaced', ONE, overriding(['flux'], '“that app” is replaced')],
  ['override prod FLUX Because that app is replaced', TWO, overriding(['flux'], 'that app is replaced')],
  [
    'override flux, velero because of the move to S3',
    ONE,
    overriding(['flux', 'velero'], 'of the move to S3'),
  ],
  ['override flux,velero and flux because it must be', ONE, overriding(['flux', 'velero'], 'it must be')],
  [
    'override the check flux because &lt;@U1&gt; &amp; <@U123|riya> said so because',
    ONE,
    overriding(['flux'], '<@U1> & @riya said so because'),
  ],
  ['override etcd-quorum because I want to go home', ONE, overriding(['etcd-quorum'], 'I want to go home')],
  ['check', ONE, { kind: 'check', cluster: 'prod' }],
  ['Check lab', TWO, { kind: 'check', cluster: 'lab' }],
  ['check', LAB, { kind: 'check', cluster: 'lab' }],
  ['pause', ONE, { kind: 'steer', steering: 'pause', cluster: 'prod' }],
  ['resume lab', TWO, { kind: 'steer', steering: 'resume', cluster: 'lab' }],
  ['retry', LAB, { kind: 'steer', steering: 'retry', cluster: 'lab' }],
  ['skip prod', TWO, { kind: 'steer', steering: 'skip', cluster: 'prod' }],
  ['abort', ONE, { kind: 'steer', steering: 'abort', cluster: 'prod' }],
];

/** `says`: a piece of the sentence; `example`: what it offers instead. */
const BAD: readonly (readonly [text: string, around: Around, says: string, example: string])[] = [
  ['upgrde v1.13.5', ONE, 'no command “upgrde”', '/talos upgrade v1.13.5'],
  ['upgrade-all', ONE, 'no command', '/talos help'],
  ['update prod v1.13.5', ONE, 'no command “update”', '/talos upgrade prod v1.13.5'],
  ['statsu', ONE, 'no command', '/talos status prod'],
  ['cancel', ONE, 'no command “cancel”', '/talos abort prod'],
  ['stop lab', TWO, 'no command', '/talos abort lab'],
  ['unpause', ONE, 'no command', '/talos resume prod'],
  ['check', TWO, 'Say which cluster', '/talos check prod'],
  ['check prod v1.13.5', ONE, 'do not know what to do with “v1.13.5”', '/talos check prod'],
  ['health prod', ONE, 'no command “health”', '/talos check prod'],
  ['downgrade cp-2', ONE, 'no command', '/talos rollback cp-2'],
  ['make me a coffee', ONE, 'no command “make”', '/talos help'],
  ['<@U123|riya>', ONE, 'no command “@riya”', '/talos help'],
  ['<!channel>', ONE, 'no command “!channel”', '/talos help'],
  ['&lt;!channel&gt;', ONE, 'no command “<!channel>”', '/talos help'],
  ['/talos upgrade v1.13.5', ONE, 'no command “/talos”', '/talos help'],
  ['path prod latest', ONE, '“latest” is no version', '/talos path prod v1.13.5 kubernetes 1.36'],
  ['path 1.13 1.14', ONE, 'one version of Talos', '/talos path prod v1.13.5 kubernetes 1.36'],
  ['path 1.14 kubernetes', ONE, 'which version of Kubernetes', '/talos path prod v1.13.5 kubernetes 1.36'],
  ['path talos kubernetes 1.36', ONE, 'which version of Talos', '/talos path prod v1.13.5 kubernetes 1.36'],
  ['path 1.14', TWO, 'Say which cluster', '/talos path prod 1.14'],
  ['path prdo 1.14', TWO, 'No cluster is called', '/talos path prod 1.14'],
  ['versions prod', ONE, 'no command “versions”', '/talos path prod'],
  ['help upgrad', ONE, 'no command', '/talos help upgrade'],
  ['help me please', ONE, 'no command “me”', '/talos help'],
  ['help upgrade now', ONE, '“now”', '/talos help upgrade'],
  ['override', ONE, 'Say which check', '/talos override prod flux because that app is being replaced'],
  ['override flux', ONE, 'Say why', '/talos override prod flux because that app is being replaced'],
  [
    'override capacity because no',
    ONE,
    'at least 10',
    '/talos override prod capacity because that app is being replaced',
  ],
  [
    `override flux because ${'x'.repeat(301)}`,
    ONE,
    '301 characters',
    '/talos override prod flux because that app is being replaced',
  ],
  [
    'override fluxx because it is so today',
    ONE,
    'no check “fluxx”',
    '/talos override prod flux because that app is being replaced',
  ],
  [
    'override because it is so today',
    ONE,
    'Say which check',
    '/talos override prod flux because that app is being replaced',
  ],
  [
    'override flux because it is so today',
    TWO,
    'Say which cluster',
    '/talos override prod flux because that app is being replaced',
  ],
  [
    'waive flux because it is so today',
    ONE,
    'no command “waive”',
    '/talos override flux because it is so today',
  ],
  ['upgrade', ONE, 'Say to which version', '/talos upgrade prod v1.13.5'],
  ['upgrade prod', ONE, 'Say to which version', '/talos upgrade prod v1.13.5'],
  ['upgrade latest', ONE, '“latest” is not a full', '/talos upgrade prod v1.13.5'],
  ['upgrade 1.13', ONE, '“1.13” is not a full', '/talos upgrade prod v1.13.0'],
  ['upgrade v1.13', LAB, 'not a full', '/talos upgrade lab v1.13.0'],
  ['upgrade v1.13.5.6', ONE, 'not a full', '/talos upgrade prod v1.13.5'],
  ['upgrade v1,13,5', ONE, 'not a full', '/talos upgrade prod v1.13.5'],
  ['upgrade v01.13.5', ONE, 'not a full', '/talos upgrade prod v1.13.5'],
  ['upgrade vv1.13.5', ONE, 'not a full', '/talos upgrade prod v1.13.5'],
  ['upgrade v1.13.5+build', ONE, 'not a full', '/talos upgrade prod v1.13.5'],
  ['upgrade v1.13.x', ONE, 'not a full', '/talos upgrade prod v1.13.0'],
  ['upgrade prod v1.13.5 please', ONE, '“please”', '/talos upgrade prod v1.13.5'],
  ['upgrade v1.13.5 prod', ONE, '“prod”', '/talos upgrade prod v1.13.5'],
  ['upgrade prd v1.13.5', TWO, 'No cluster is called “prd”', '/talos upgrade prod v1.13.5'],
  ['upgrade staging v1.13.5', ONE, 'No cluster is called “staging”', '/talos upgrade prod v1.13.5'],
  ['upgrade staging v1.13.5', TWO, 'prod, lab', '/talos upgrade prod v1.13.5'],
  ['upgrade staging v1.13.5', LAB, 'No cluster', '/talos upgrade lab v1.13.5'],
  ['upgrade v1.13.5', TWO, 'Say which cluster', '/talos upgrade prod v1.13.5'],
  ['upgrade v1.13.5', SHARED, 'Say which cluster', '/talos upgrade prod v1.13.5'],
  ['upgrade', TWO, 'Say which cluster', '/talos upgrade prod v1.13.5'],
  ['plan', ONE, 'Say to which version', '/talos plan prod v1.13.5'],
  ['plan prod soon', ONE, 'not a full', '/talos plan prod v1.13.5'],
  ['rollback', ONE, 'Say which node', '/talos rollback prod node cp-2'],
  ['handover @ana', ONE, 'I do not know “@ana”', '/talos handover prod'],
  ['handover <@U012AB3CD> <@U012AB3CE>', ONE, 'I do not know', '/talos handover prod'],
  ['handover', TWO, 'Say which cluster', '/talos handover prod'],
  ['finish', ONE, 'Say which node', '/talos finish prod node cp-2'],
  ['disarm prod', ONE, 'Say which node', '/talos disarm prod node cp-2'],
  ['rollback node', ONE, 'Say which node', '/talos rollback prod node cp-2'],
  ['rollback prod', ONE, 'Say which node', '/talos rollback prod node cp-2'],
  ['rollback prod node', ONE, 'Say which node', '/talos rollback prod node cp-2'],
  ['rollback cp_2', ONE, 'cannot be a node', '/talos rollback prod node cp-2'],
  ['rollback -cp-', ONE, 'cannot be a node', '/talos rollback prod node cp-2'],
  ['rollback cp-2 now', ONE, '“now”', '/talos rollback prod node cp-2'],
  ['rollback staging node cp-2', ONE, 'No cluster is called “staging”', '/talos rollback prod node cp-2'],
  ['rollback prdo cp-2', ONE, 'No cluster is called “prdo”', '/talos rollback prod cp-2'],
  ['rollback cp-2', TWO, 'Say which cluster', '/talos rollback prod cp-2'],
  ['pause', TWO, 'Say which cluster', '/talos pause prod'],
  ['pause staging', ONE, 'No cluster is called “staging”', '/talos pause prod'],
  ['pause lb', TWO, 'No cluster is called “lb”', '/talos pause lab'],
  ['pause prod now', ONE, '“now”', '/talos pause prod'],
  ['status nowhere', TWO, 'prod, lab', '/talos status prod'],
  ['abort', SHARED, 'Say which cluster', '/talos abort prod'],
];

describe('what is understood', () => {
  test.each(GOOD)('%j', (text, around, read) => {
    expect(parse(text, around)).toEqual(read);
  });
});

describe('what is refused with an example', () => {
  test.each(BAD)('%j', (text, around, says, example) => {
    const read = parse(text, around);
    if (read.kind !== 'refusal') throw new Error(`it was read as ${JSON.stringify(read)}`);
    expect(read.sentence).toContain(says);
    expect(read.sentence).toContain(`\`${example}\``);
  });

  test.each(BAD)('the example for %j is itself understood', (text, around) => {
    const read = parse(text, around);
    const example = read.kind === 'refusal' ? /`\/talos ?([^`]*)`/.exec(read.sentence)?.[1] : undefined;
    if (example === undefined) throw new Error('there is no example');
    expect(parse(example, around)).not.toMatchObject({ kind: 'refusal' });
  });

  test.each(['upgrade v1.13.5', 'rollback cp-2', 'pause', 'status x', 'nonsense'])(
    '%j without any cluster configured ends',
    (text) => {
      expect(parse(text, NONE)).toMatchObject({ kind: 'refusal' });
    },
  );
});

test('long and strange input is quoted back short', () => {
  const read = parse(`upgrade ${'x'.repeat(5_000)}`, ONE);
  if (read.kind !== 'refusal') throw new Error('it was understood');
  expect(read.sentence.length).toBeLessThan(250);
});

test.each(COMMANDS)('the example of $name is understood as $name', (spec) => {
  const example = exampleOf(spec, ONE).slice(SLASH.length);
  const read = parse(example, ONE);
  expect(read.kind).not.toBe('refusal');
  expect(specOf(spec.name)).toBe(spec);
});

test('no word that is only meant to be corrected is also a command', () => {
  const names = COMMANDS.map((spec) => spec.name as string);
  const meant = COMMANDS.flatMap((spec) => spec.meant);
  expect(meant.filter((word) => names.includes(word))).toEqual([]);
  expect(new Set(meant).size).toBe(meant.length);
});

// The options of an upgrade as people, phones and scripts type them.
import { describe, expect, it } from 'vitest';
import type { Around } from '../../src/bot/cluster-words.ts';
import { takeOptions } from '../../src/bot/options.ts';
import { parse } from '../../src/bot/parse.ts';

const ONE: Around = { clusters: [{ name: 'prod', channel: 'C1' }], channel: 'C9' };
const ID = 'ab'.repeat(32);

const change = (add: readonly string[], remove: readonly string[]) => ({ kind: 'change', add, remove });

const GOOD: readonly (readonly [text: string, schematic: object | undefined])[] = [
  ['upgrade v1.13.5', undefined],
  ['upgrade v1.13.5 --extensions +iscsi-tools,-gvisor', change(['iscsi-tools'], ['gvisor'])],
  ['upgrade prod v1.13.5 --extensions=+iscsi-tools,-gvisor', change(['iscsi-tools'], ['gvisor'])],
  ['upgrade --extensions +iscsi-tools prod v1.13.5', change(['iscsi-tools'], [])],
  ['upgrade v1.13.5 --extensions +zfs +iscsi-tools -gvisor', change(['iscsi-tools', 'zfs'], ['gvisor'])],
  ['upgrade v1.13.5 --extensions +zfs, -gvisor', change(['zfs'], ['gvisor'])],
  // Phones make an em dash of two hyphens, and a capital at the beginning.
  ['upgrade v1.13.5 —extensions +ZFS', change(['zfs'], [])],
  ['upgrade v1.13.5 –Extensions –gvisor', change([], ['gvisor'])],
  ['upgrade v1.13.5 --extension “+siderolabs/zfs”', change(['siderolabs/zfs'], [])],
  ['upgrade v1.13.5 --extensions +zfs,+zfs', change(['zfs'], [])],
  [`upgrade v1.13.5 --schematic ${ID}`, { kind: 'id', id: ID }],
  [`upgrade v1.13.5 --schematic=${ID.toUpperCase()}`, { kind: 'id', id: ID }],
  [`upgrade --schematic ${ID} v1.13.5`, { kind: 'id', id: ID }],
];

describe('an upgrade with options', () => {
  it.each(GOOD)('%j', (text, schematic) => {
    const wish = schematic === undefined ? {} : { schematic };
    expect(parse(text, ONE)).toEqual({ kind: 'upgrade', cluster: 'prod', version: 'v1.13.5', ...wish });
  });

  it('can be planned as well', () => {
    expect(parse('plan v1.13.5 --extensions +zfs', ONE)).toEqual({
      kind: 'plan',
      cluster: 'prod',
      version: 'v1.13.5',
      schematic: change(['zfs'], []),
    });
  });
});

const MANNERS: readonly (readonly [text: string, manner: object])[] = [
  ['upgrade v1.13.5 --stage', { staged: true }],
  ['upgrade --staged prod v1.13.5', { staged: true }],
  ['upgrade v1.13.5 —Stage', { staged: true }],
  ['upgrade v1.13.5 --reboot-mode powercycle', { rebootMode: 'powercycle' }],
  ['upgrade v1.13.5 --reboot-mode=FORCE', { rebootMode: 'force' }],
  ['upgrade --rebootmode default v1.13.5', { rebootMode: 'default' }],
  ['upgrade v1.13.5 --stage --reboot-mode force', { staged: true, rebootMode: 'force' }],
  [
    'upgrade v1.13.5 --extensions +zfs --stage -gvisor --reboot-mode powercycle',
    { staged: true, rebootMode: 'powercycle', schematic: change(['zfs'], ['gvisor']) },
  ],
];

describe('the manner of an upgrade', () => {
  it.each(MANNERS)('%j', (text, manner) => {
    expect(parse(text, ONE)).toEqual({ kind: 'upgrade', cluster: 'prod', version: 'v1.13.5', ...manner });
  });

  it('can be planned as well', () => {
    expect(parse('plan v1.13.5 --stage', ONE)).toMatchObject({ kind: 'plan', staged: true });
  });
});

const BAD: readonly (readonly [text: string, says: string])[] = [
  ['upgrade v1.13.5 --extensions', 'which extensions come'],
  ['upgrade v1.13.5 --extensions ,', 'which extensions come'],
  ['upgrade v1.13.5 --extensions iscsi-tools', '--extensions +iscsi-tools'],
  ['upgrade v1.13.5 --extensions +', 'cannot be the name'],
  ['upgrade v1.13.5 --extensions +a/b/c', 'cannot be the name'],
  ['upgrade v1.13.5 --extensions +../x', 'cannot be the name'],
  [`upgrade v1.13.5 --extensions +${'x'.repeat(200)}`, 'cannot be the name'],
  ['upgrade v1.13.5 --extensions +zfs,-zfs', 'both comes and goes'],
  ['upgrade v1.13.5 --extensions +zfs --extensions +gvisor', 'once'],
  [`upgrade v1.13.5 --extensions +zfs --schematic ${ID}`, 'not both'],
  ['upgrade v1.13.5 --schematic', '64 digits'],
  ['upgrade v1.13.5 --schematic ce4c9805', '64 digits'],
  [`upgrade v1.13.5 --schematic ${ID} --schematic ${ID}`, 'once'],
  [`upgrade v1.13.5 --extensions ${Array.from({ length: 21 }, (_, n) => `+e${n}`).join(',')}`, 'At most 20'],
  ['upgrade v1.13.5 --force', '“--force”'],
  ['upgrade v1.13.5 --stage --stage', 'once'],
  ['upgrade v1.13.5 --stage=yes', '“--stage=yes”'],
  ['upgrade v1.13.5 --reboot-mode', 'one of default, powercycle, force'],
  ['upgrade v1.13.5 --reboot-mode gently', 'one of default, powercycle, force'],
  ['upgrade --reboot-mode v1.13.5', 'one of default, powercycle, force'],
  ['upgrade v1.13.5 --reboot-mode force --reboot-mode default', 'once'],
  ['upgrade --stage', 'Say to which version'],
  ['rollback node cp-1 --stage', '“--stage”'],
  ['upgrade --extensions +zfs', 'Say to which version'],
  ['pause --extensions +zfs', 'No cluster is called'],
];

describe('an option that cannot be read', () => {
  it.each(BAD)('%j is refused with an example that would be taken', (text, says) => {
    const read = parse(text, ONE);
    if (read.kind !== 'refusal') throw new Error(`it was read as ${JSON.stringify(read)}`);
    expect(read.sentence).toContain(says);
    const example = /`\/talos ?([^`]*)`/.exec(read.sentence)?.[1];
    if (example === undefined) throw new Error('there is no example');
    expect(parse(example, ONE)).not.toMatchObject({ kind: 'refusal' });
    expect(read.sentence.length).toBeLessThan(300);
  });
});

it('leaves the other words in their order', () => {
  expect(takeOptions(['prod', '--extensions', '+a', 'v1.13.5', 'please'])).toMatchObject({
    kind: 'options',
    rest: ['prod', 'v1.13.5', 'please'],
  });
});

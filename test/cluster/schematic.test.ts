// Schematics as data: what they name, how they are altered, and which are the same.
import { describe, expect, it } from 'vitest';
import {
  altered,
  describeWish,
  extensionsIn,
  extensionsWithout,
  resolved,
  type SchematicData,
  sameExtension,
  sameSchematic,
} from '../../src/cluster/schematic.ts';

const named = (...officialExtensions: readonly string[]): SchematicData => ({
  customization: { systemExtensions: { officialExtensions } },
});

const RICH: SchematicData = {
  overlay: { image: 'siderolabs/sbc-raspberrypi', name: 'rpi_generic' },
  customization: {
    extraKernelArgs: ['net.ifnames=0'],
    meta: [{ key: 12, value: 'x' }],
    systemExtensions: { officialExtensions: ['siderolabs/zfs', 'siderolabs/gvisor'] },
  },
};

describe('extensionsIn', () => {
  it.each([
    ['some', named('siderolabs/zfs'), ['siderolabs/zfs']],
    ['none', { customization: {} }, []],
    ['none without a customization', {}, []],
    ['nothing that can be read: a list of customizations', { customization: [] }, null],
    ['nothing that can be read: a text of extensions', { customization: { systemExtensions: 'zfs' } }, null],
    [
      'nothing that can be read: numbers',
      { customization: { systemExtensions: { officialExtensions: [1] } } },
      null,
    ],
  ])('%s', (_what, data, extensions) => {
    expect(extensionsIn(data)).toEqual(extensions);
  });
});

describe('altered', () => {
  it('adds and removes, sorted, and carries everything else along', () => {
    const change = altered(RICH, { add: ['siderolabs/iscsi-tools'], remove: ['zfs'] });
    const extensions = ['siderolabs/gvisor', 'siderolabs/iscsi-tools'];
    expect(change).toEqual({
      kind: 'altered',
      extensions,
      data: {
        ...RICH,
        customization: {
          extraKernelArgs: ['net.ifnames=0'],
          meta: [{ key: 12, value: 'x' }],
          systemExtensions: { officialExtensions: extensions },
        },
      },
    });
  });

  it.each([
    ['adding what is there', { add: ['siderolabs/zfs'], remove: [] }],
    ['removing what is not', { add: [], remove: ['siderolabs/tailscale'] }],
    ['nothing', { add: [], remove: [] }],
    ['adding the new name of what is there', { add: ['siderolabs/zfs'], remove: ['i915-ucode'] }],
  ])('leaves it the same, order and all, by %s', (_what, change) => {
    const before = named('siderolabs/zfs', 'siderolabs/gvisor');
    expect(altered(before, change)).toEqual({
      kind: 'same',
      extensions: ['siderolabs/zfs', 'siderolabs/gvisor'],
    });
  });

  it('begins a list where there was none, and may leave it empty', () => {
    expect(altered({}, { add: ['siderolabs/zfs'], remove: [] })).toMatchObject({
      data: named('siderolabs/zfs'),
    });
    expect(altered(named('siderolabs/zfs'), { add: [], remove: ['zfs'] })).toMatchObject({ extensions: [] });
  });

  it('does not touch its argument', () => {
    const before = structuredClone(RICH);
    altered(RICH, { add: ['siderolabs/a'], remove: ['zfs'] });
    expect(RICH).toEqual(before);
  });

  it('gives up on what is no schematic', () => {
    expect(altered({ customization: 5 }, { add: ['siderolabs/zfs'], remove: [] })).toEqual({
      kind: 'malformed',
    });
  });
});

describe('sameSchematic', () => {
  it.each([
    [
      'the order of fields means nothing',
      RICH,
      { customization: RICH['customization'], overlay: RICH['overlay'] },
      true,
    ],
    ['empty fields mean nothing', named(), { customization: {} }, true],
    ['a missing customization is an empty one', {}, { customization: { extraKernelArgs: [] } }, true],
    [
      'the order of kernel arguments matters',
      { customization: { extraKernelArgs: ['a', 'b'] } },
      { customization: { extraKernelArgs: ['b', 'a'] } },
      false,
    ],
    ['another extension', named('siderolabs/a'), named('siderolabs/b'), false],
  ])('%s', (_what, a, b, same) => {
    expect(sameSchematic(a, b)).toBe(same);
    expect(sameSchematic(b, a)).toBe(same);
  });
});

describe('names of extensions', () => {
  it.each([
    ['siderolabs/zfs', 'zfs', true],
    ['siderolabs/zfs', 'siderolabs/zfs', true],
    ['siderolabs/zfs', 'somebody/zfs', false],
    ['siderolabs/i915-ucode', 'i915', true],
    ['siderolabs/vmtoolsd-guest-agent', 'talos-vmtoolsd', true],
    ['zfs', 'zfs-tools', false],
  ])('%s and %s: %s', (a, b, same) => {
    expect(sameExtension(a, b)).toBe(same);
    expect(sameExtension(b, a)).toBe(same);
  });

  it('are compared as machines and factories write them', () => {
    expect(extensionsWithout(['iscsi-tools', 'zfs'], ['siderolabs/zfs'])).toEqual(['iscsi-tools']);
  });
});

describe('resolved', () => {
  const OFFERED = [
    'siderolabs/iscsi-tools',
    'siderolabs/i915',
    'siderolabs/util-linux-tools',
    'a/twin',
    'b/twin',
  ];

  it.each([
    ['a short name', ['iscsi-tools'], ['siderolabs/iscsi-tools']],
    ['a whole name', ['siderolabs/i915'], ['siderolabs/i915']],
    ['an old name', ['i915-ucode'], ['siderolabs/i915']],
    ['one of two authors', ['b/twin'], ['b/twin']],
    ['nothing', [], []],
  ])('finds %s', (_what, asked, names) => {
    expect(resolved(asked, OFFERED, 'v1.13.5')).toEqual({ kind: 'names', names });
  });

  it.each([
    ['a name nobody offers', ['quux'], 'Talos v1.13.5 has no official extension called quux'],
    ['one that is nearly there', ['iscsi'], 'there is iscsi-tools'],
    ['another author', ['me/iscsi-tools'], 'no official extension called me/iscsi-tools'],
    ['a name of two authors', ['twin'], 'a/twin or b/twin'],
  ])('says what is wrong with %s', (_what, asked, says) => {
    expect(resolved(asked, OFFERED, 'v1.13.5')).toMatchObject({
      kind: 'unknown',
      why: expect.stringContaining(says),
    });
  });
});

describe('describeWish', () => {
  it.each([
    [undefined, ''],
    [{ kind: 'keep' }, ''],
    [{ kind: 'id', id: 'ab'.repeat(32) }, ' with schematic abababab…'],
    [{ kind: 'change', add: ['zfs'], remove: ['gvisor'] }, ' with +zfs −gvisor'],
    [{ kind: 'change', add: ['a', 'b', 'c'], remove: ['d', 'e'] }, ' with +a +b +c −d and 1 more'],
  ] as const)('%j → %j', (wish, text) => {
    expect(describeWish(wish)).toBe(text);
  });
});

// Negative controls of the matrix: each hop is seen to fail when what it is there for is replaced.
import { describe, expect, it } from 'vitest';
import { matrix } from '../../../playground/scenarios/matrix.ts';
import { inspectedAs, seenAs, withMachines } from './machines-replaced.ts';
import { limitOf, play } from './playing.ts';
import { launchReplaced, type Replace } from './replaced-bot.ts';

/** Each control must get as far as what it is about, on a busy machine too. */
const PATIENCE_MS = 30_000;

/** What is said of the data is always this: the guard that it follows from the version. */
function preserving(preserve: boolean): Replace {
  return withMachines((machines) => ({
    upgradeLegacy: (address, options) => machines.upgradeLegacy(address, { ...options, preserve }),
  }));
}

/** The new API is tried first: the guard that the version chooses. */
const pullsFirst: Replace = withMachines((machines) => ({
  upgradeLegacy: async (address, options) => {
    const { signal } = new AbortController();
    await machines
      .pull(address, options.image, { onProgress: () => undefined, signal })
      .catch(() => undefined);
    return machines.upgradeLegacy(address, options);
  },
}));

const PLAIN = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';

const CONTROLS: readonly (readonly [leg: string, guard: string, replace: Replace, missed: RegExp])[] = [
  ['1.7', 'data is preserved where it would be wiped', preserving(false), /no node lost its data/],
  ['1.9', 'etcd is not told to skip its checks', preserving(true), /not asked to be preserved/],
  ['1.9', 'no version is asked for what it does not have', pullsFirst, /what its version does not have/],
  ['1.11-aws', 'the platform is kept', seenAs({ platform: 'metal' }), /aws-installer\//],
  [
    '1.12-secureboot',
    'secure boot is kept',
    inspectedAs({ secureBoot: { kind: 'said', value: false } }),
    /metal-installer-secureboot\//,
  ],
  [
    '1.14-aws-secureboot',
    'the schematic is kept',
    seenAs({ schematic: PLAIN, extensions: [] }),
    /the schematic it should/,
  ],
];

describe.concurrent('a hop of the matrix played with one guard replaced', () => {
  it.each(CONTROLS)(
    '%s misses without the guard: %s',
    { timeout: limitOf(matrix) },
    async (name, _guard, replace, missed) => {
      const legs = matrix.legs.filter((leg) => leg.name === name);
      const result = await play({ ...matrix, legs }, launchReplaced(replace), PATIENCE_MS);
      expect(result.ok).toBe(false);
      expect(result.missed).toContainEqual(expect.stringMatching(missed));
    },
  );
});

describe('the matrix', () => {
  it('has a hop for every release the issue names, both boot loaders, both platforms and secure boot', () => {
    const worlds = matrix.legs.map(({ world }) => world);
    const of = (read: (world: (typeof worlds)[number]) => unknown): readonly unknown[] => [
      ...new Set(worlds.map(read)),
    ];
    expect(of((world) => world?.talosVersion?.split('.')[1])).toEqual(
      expect.arrayContaining(['7', '9', '12', '13', '14']),
    );
    expect(of((world) => world?.bootloader)).toEqual(expect.arrayContaining(['grub', 'sd-boot']));
    expect(of((world) => world?.platform)).toEqual(expect.arrayContaining(['metal', 'aws']));
    expect(of((world) => world?.secureBoot)).toEqual(expect.arrayContaining([true, false]));
  });
});

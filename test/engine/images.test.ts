// What the factory is asked before a plan: once for each thing that differs, and nothing that is not needed.
import { describe, expect, it } from 'vitest';
import type { SchematicData } from '../../src/cluster/schematic.ts';
import { askImages } from '../../src/engine/images.ts';
import type { ImageFactory } from '../../src/engine/ports/factory.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { aCluster, SCHEMATIC } from '../builders/snapshot.ts';

const CREATED = 'cc'.repeat(32);

/** A factory that remembers what it was asked; a test may answer some of it differently. */
function aFactory(changed: Partial<ImageFactory> = {}): { factory: ImageFactory; asked: string[] } {
  const asked: string[] = [];
  const said =
    <A extends readonly unknown[], R>(name: string, answer: (...args: A) => R) =>
    (...args: A): R => {
      asked.push(`${name} ${args.filter((arg) => typeof arg === 'string').join(' ')}`);
      return answer(...args);
    };
  const factory: ImageFactory = {
    versions: async () => [],
    schematic: async () => ({
      customization: { systemExtensions: { officialExtensions: ['siderolabs/iscsi-tools'] } },
    }),
    createSchematic: async () => CREATED,
    extensions: async () => [{ name: 'siderolabs/zfs', description: '' }],
    manifest: async () => ({ kind: 'exists', digest: 'sha256:1' }),
    close: async () => undefined,
    ...changed,
  };
  return {
    asked,
    factory: {
      ...factory,
      schematic: said('schematic', (registry: string, id: string) => factory.schematic(registry, id)),
      createSchematic: said('create', (registry: string, data: SchematicData) =>
        factory.createSchematic(registry, data),
      ),
      extensions: said('extensions', (registry: string, version: string) =>
        factory.extensions(registry, version),
      ),
      manifest: said('manifest', (image: string) => factory.manifest(image)),
    },
  };
}

const KEEP = { target: 'v1.13.5', factory: 'factory.example' };
const ADD = { ...KEEP, wish: { kind: 'change', add: ['zfs'], remove: [] } } as const;
const key = `factory.example/${SCHEMATIC}`;

describe('an upgrade that keeps schematics', () => {
  it('asks once for each image, however many machines need it', async () => {
    const { factory, asked } = aFactory();
    const snapshot = aCluster({ workers: 8 }).machine('worker-1', { platform: 'aws' }).build();
    const { images } = await askImages({ factory, check: 'on' }, { snapshot, ...KEEP });
    expect(asked.sort()).toEqual([
      `manifest factory.example/aws-installer/${SCHEMATIC}:v1.13.5`,
      `manifest factory.example/metal-installer/${SCHEMATIC}:v1.13.5`,
    ]);
    expect(images?.size).toBe(2);
  });

  it('asks nothing when the check is off, or when nothing has to change', async () => {
    const { factory, asked } = aFactory();
    const off = await askImages({ factory, check: 'off' }, { snapshot: aCluster().build(), ...KEEP });
    expect(off.images).toBeUndefined();
    const same = aCluster({ version: 'v1.13.5' }).build();
    expect((await askImages({ factory, check: 'on' }, { snapshot: same, ...KEEP })).images?.size).toBe(0);
    expect(asked).toEqual([]);
  });

  it('writes silence down', async () => {
    const { factory } = aFactory({ manifest: () => Promise.reject(new Fault('unreachable', 'no route.')) });
    const { images } = await askImages({ factory, check: 'on' }, { snapshot: aCluster().build(), ...KEEP });
    expect([...(images?.values() ?? [])]).toEqual([{ kind: 'silent', why: 'no route.' }]);
  });
});

describe('a change of extensions', () => {
  it('reads and creates once for each schematic that runs, and asks for the images of the new ones', async () => {
    const { factory, asked } = aFactory();
    const { becomings } = await askImages({ factory, check: 'on' }, { snapshot: aCluster().build(), ...ADD });
    expect(becomings?.get(key)).toEqual({
      kind: 'known',
      id: CREATED,
      extensions: ['siderolabs/iscsi-tools', 'siderolabs/zfs'],
    });
    expect(asked.sort()).toEqual([
      'create factory.example',
      'extensions factory.example v1.13.5',
      `manifest factory.example/metal-installer/${CREATED}:v1.13.5`,
      `schematic factory.example ${SCHEMATIC}`,
    ]);
  });

  it('creates nothing when nothing changes', async () => {
    const { factory, asked } = aFactory();
    const wish = { kind: 'change', add: [], remove: ['gvisor'] } as const;
    const question = { snapshot: aCluster().build(), ...KEEP, wish };
    const { becomings } = await askImages({ factory, check: 'on' }, question);
    expect(becomings?.get(key)).toMatchObject({ kind: 'known', id: SCHEMATIC });
    expect(asked.filter((one) => one.startsWith('create'))).toEqual([]);
  });

  it('of a plain machine begins with the plain schematic, which nobody has to read', async () => {
    const { factory, asked } = aFactory();
    const cluster = aCluster({ controlPlane: 0, workers: 1 });
    cluster.machine('worker-1', { schematic: null, extensions: [] });
    const { becomings } = await askImages({ factory, check: 'on' }, { snapshot: cluster.build(), ...ADD });
    expect(becomings?.get('factory.example/')).toMatchObject({ id: CREATED, extensions: ['siderolabs/zfs'] });
    expect(asked.filter((one) => one.startsWith('schematic'))).toEqual([]);
  });

  it.each([
    ['missing', 'refused'],
    ['refused', 'refused'],
    ['unreachable', 'silent'],
    ['busy', 'silent'],
    ['broken', 'silent'],
  ] as const)('for which the factory is %s is %s', async (kind, becoming) => {
    const { factory } = aFactory({ schematic: () => Promise.reject(new Fault(kind, 'no.')) });
    const { becomings } = await askImages({ factory, check: 'on' }, { snapshot: aCluster().build(), ...ADD });
    expect(becomings?.get(key)).toEqual({ kind: becoming, why: 'no.' });
  });

  it('to a named schematic looks into it, unless nobody may be asked', async () => {
    const { factory, asked } = aFactory();
    const question = { snapshot: aCluster().build(), ...KEEP, wish: { kind: 'id', id: CREATED } } as const;
    const on = await askImages({ factory, check: 'on' }, question);
    expect(on.becomings?.get(key)).toEqual({
      kind: 'known',
      id: CREATED,
      extensions: ['siderolabs/iscsi-tools'],
    });
    asked.splice(0);
    const off = await askImages({ factory, check: 'off' }, question);
    expect(off.becomings?.get(key)).toEqual({ kind: 'known', id: CREATED, extensions: null });
    expect(asked).toEqual([]);
  });
});

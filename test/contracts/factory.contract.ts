// What every `ImageFactory` must do, whatever is behind it (ports/factory.ts).
import { afterEach, describe, expect, it } from 'vitest';
import type { RawParams } from '../../playground/world/fault.ts';
import type { ImageFactory } from '../../src/engine/ports/factory.ts';
import { Fault } from '../../src/engine/ports/fault.ts';

export interface FactoryUnderTest {
  readonly factory: ImageFactory;
  /** The registry host to name it by. */
  readonly registry: string;
  readonly inject: (fault: string, params?: RawParams) => void;
  readonly heal: () => void;
  readonly close: () => Promise<void>;
}

export const PLAIN = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
/** What the public factory answers for siderolabs/iscsi-tools alone. */
const WITH_ISCSI = 'c9078f9419961640c712a8bf2bb9174933dfcf1da383fd8ea2b7dc21493f8bac';
const ISCSI = { customization: { systemExtensions: { officialExtensions: ['siderolabs/iscsi-tools'] } } };
const UNKNOWN = 'ff'.repeat(32);

export function factoryContract(open: () => Promise<FactoryUnderTest>): void {
  const opened: FactoryUnderTest[] = [];
  const fresh = async (): Promise<FactoryUnderTest> => {
    const under = await open();
    opened.push(under);
    return under;
  };
  afterEach(async () => {
    for (const under of opened.splice(0)) await under.close();
  });
  describe('schematics', () => schematics(fresh));
  describe('what there is', () => lists(fresh));
  describe('images', () => images(fresh));
}

type Fresh = () => Promise<FactoryUnderTest>;

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Fault) return error;
  throw new Error(`no Fault but ${String(error)}`);
}

function schematics(fresh: Fresh): void {
  it('are created once, however often, and read back as data', async () => {
    const { factory, registry } = await fresh();
    expect(await factory.createSchematic(registry, ISCSI)).toBe(WITH_ISCSI);
    expect(await factory.createSchematic(registry, ISCSI)).toBe(WITH_ISCSI);
    expect(await factory.schematic(registry, WITH_ISCSI)).toEqual(ISCSI);
  });

  it('without anything in them are the plain one, in whatever form', async () => {
    const { factory, registry } = await fresh();
    for (const data of [
      {},
      { customization: {} },
      { customization: { systemExtensions: { officialExtensions: [] } } },
    ])
      expect(await factory.createSchematic(registry, data)).toBe(PLAIN);
  });

  it('keep what else they hold', async () => {
    const { factory, registry } = await fresh();
    const rich = {
      overlay: { image: 'siderolabs/sbc-raspberrypi', name: 'rpi_generic' },
      customization: {
        extraKernelArgs: ['net.ifnames=0', 'x: y'],
        meta: [{ key: 12, value: '0x0a' }],
        ...ISCSI.customization,
      },
    };
    const id = await factory.createSchematic(registry, rich);
    expect(await factory.schematic(registry, id)).toEqual(rich);
  });

  it('that nobody knows are missing, and nonsense is refused', async () => {
    const { factory, registry } = await fresh();
    expect(await faultOf(factory.schematic(registry, UNKNOWN))).toMatchObject({ kind: 'missing' });
    expect(await faultOf(factory.createSchematic(registry, { customisation: {} }))).toMatchObject({
      kind: 'refused',
    });
  });
}

function lists(fresh: Fresh): void {
  it('has versions, oldest first, with their v', async () => {
    const { factory, registry } = await fresh();
    const versions = await factory.versions(registry);
    expect(versions).toContain('v1.13.5');
    expect(versions.indexOf('v1.9.6')).toBeLessThan(versions.indexOf('v1.10.9'));
  });

  it('has official extensions with their authors, and none of a version there is not', async () => {
    const { factory, registry } = await fresh();
    const names = (await factory.extensions(registry, 'v1.13.5')).map(({ name }) => name);
    expect(names).toContain('siderolabs/iscsi-tools');
    expect(await faultOf(factory.extensions(registry, 'next'))).toMatchObject({ kind: 'missing' });
  });

  it('is busy while the factory is away, in the words of the factory', async () => {
    const { factory, registry, inject, heal } = await fresh();
    inject('factory-unavailable');
    const fault = await faultOf(factory.versions(registry));
    expect(fault.kind).toBe('busy');
    expect(fault.message).toContain(`${registry} refused to list versions: service temporarily unavailable`);
    heal();
    expect((await factory.versions(registry)).length).toBeGreaterThan(0);
  });
}

function images(fresh: Fresh): void {
  const named = (registry: string, schematic = PLAIN, name = 'metal-installer', tag = 'v1.13.5'): string =>
    `${registry}/${name}/${schematic}:${tag}`;

  it.each(['metal-installer', 'aws-installer-secureboot', 'installer', 'installer-secureboot'])(
    'called %s exist, with a digest',
    async (name) => {
      const { factory, registry } = await fresh();
      const seen = await factory.manifest(named(registry, PLAIN, name));
      expect(seen).toMatchObject({ kind: 'exists', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    },
  );

  it('of the official registry exist up to 1.13', async () => {
    const { factory } = await fresh();
    expect(await factory.manifest('ghcr.io/siderolabs/installer:v1.13.5')).toMatchObject({ kind: 'exists' });
    expect(await factory.manifest('ghcr.io/siderolabs/installer:v1.14.0')).toEqual({
      kind: 'missing',
      why: 'manifest unknown',
    });
  });

  it('are missing with the reason: the schematic, the name, the version, an extension', async () => {
    const { factory, registry, inject } = await fresh();
    const why = async (image: string): Promise<string> => {
      const seen = await factory.manifest(image);
      return seen.kind === 'missing' ? seen.why : 'it exists';
    };
    expect(await why(named(registry, UNKNOWN))).toContain('schematic');
    expect(await why(named(registry, PLAIN, 'metal-uninstaller'))).toContain('invalid image');
    const strange = { customization: { systemExtensions: { officialExtensions: ['siderolabs/no-such'] } } };
    const id = await factory.createSchematic(registry, strange);
    expect(await why(named(registry, id))).toContain(
      '"siderolabs/no-such" is not available for Talos version v1.13.5',
    );
    inject('factory-missing', { version: 'v1.13.9' });
    expect(await why(named(registry, PLAIN, 'metal-installer', 'v1.13.9'))).toContain('v1.13.9 not found');
    expect(await why(named(registry))).toBe('it exists');
  });

  it('are waited for while they are built, at most as long as allowed', async () => {
    const { factory, registry, inject } = await fresh();
    inject('factory-slow', { ms: 300 });
    const fault = await faultOf(factory.manifest(named(registry), { limitMs: 50 }));
    expect(fault).toMatchObject({ kind: 'unreachable', code: 'TIMEOUT' });
    expect(fault.message).toContain('did not answer in time');
    expect(await factory.manifest(named(registry), { limitMs: 10_000 })).toMatchObject({ kind: 'exists' });
  });

  it('are given up when nobody waits any more', async () => {
    const { factory, registry, inject } = await fresh();
    inject('factory-slow', { ms: 60_000 });
    const stop = new AbortController();
    const asked = faultOf(factory.manifest(named(registry), { signal: stop.signal }));
    stop.abort();
    expect(await asked).toMatchObject({ kind: 'unreachable', code: 'ABORTED' });
  });

  it('whose factory is away are neither there nor missing', async () => {
    const { factory, registry, inject } = await fresh();
    inject('factory-unavailable');
    expect(await faultOf(factory.manifest(named(registry)))).toMatchObject({ kind: 'busy', code: '503' });
  });
}

// What every `Machines` tells of a machine that is inspected, whatever is behind it.
import { expect, it, vi } from 'vitest';
import type { Inspection } from '../../src/cluster/inspection.ts';
import type { MachinesOptions, MachinesUnderTest } from './machines-under-test.ts';

const patience = { timeout: 15_000, interval: 50 };
const IMAGES = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((component) => ({
  component,
  image: `registry.k8s.io/${component}:v1.34.1`,
}));
const KUBELET = { component: 'kubelet', image: 'ghcr.io/siderolabs/kubelet:v1.34.1' };
const GIB = 2 ** 30;
const NEWER = 'ghcr.io/siderolabs/installer:v1.13.5';

type Open = (options?: MachinesOptions) => Promise<MachinesUnderTest>;

async function inspected(
  under: MachinesUnderTest,
  node: string,
): Promise<Inspection & { readonly bootId: string }> {
  const { bootId } = await under.machines.look(under.addressOf(node));
  return { ...(await under.machines.inspect(under.addressOf(node))), bootId };
}

export function inspecting(fresh: Open): void {
  it.each([
    ['v1.7.6', 'unsupported', 'unsupported'],
    ['v1.12.4', 'said', 'said'],
    ['v1.13.4', 'said', 'said'],
    ['v1.14.0', 'said', 'said'],
  ] as const)('tells what a settled machine of Talos %s has', async (talosVersion, booted, since18) => {
    const settings = { talosVersion, kubernetesVersion: 'v1.34.1', bootloader: 'sd-boot' } as const;
    const under = await fresh({ settings });
    const view = await inspected(under, 'cp-1');
    expect(view).toMatchObject({
      secureBoot: { kind: 'said', value: false },
      fallback: { kind: 'absent' },
      bootedEntry: { kind: booted },
      nodename: { kind: 'said', value: 'cp-1' },
      systemDisk: { kind: since18 },
      time: { kind: 'said', value: { synced: true, syncDisabled: false } },
      room: { kind: 'said', value: { sizeBytes: 96 * GIB, freeBytes: 72 * GIB } },
      siderolink: { kind: since18 === 'said' ? 'absent' : since18 },
      diagnostics: { kind: since18 },
      services: { kind: 'said', value: [] },
      volumes: { kind: since18 },
      kubelet: { kind: 'said', value: KUBELET },
      controlPlane: { kind: 'said', value: IMAGES },
      config: {
        kind: 'said',
        value: {
          // From 1.14 on a configuration selects the disk.
          installDisk: talosVersion === 'v1.14.0' ? null : '/dev/sda',
          installImage: expect.stringMatching(new RegExp(`installer.*:${talosVersion}$`)),
          images: [KUBELET, ...IMAGES],
        },
      },
    });
    if (view.volumes.kind === 'said')
      expect(view.volumes.value).toEqual([
        { id: 'EPHEMERAL', phase: 'ready', error: '', sizeBytes: 96 * GIB },
        { id: 'STATE', phase: 'ready', error: '', sizeBytes: GIB },
      ]);
    expect((await inspected(under, 'w-1')).controlPlane).toEqual({ kind: 'said', value: [] });
  });

  it('tells which service and which diagnosis stand against a machine', async () => {
    const under = await fresh({ settings: { talosVersion: 'v1.13.4' } });
    const address = under.addressOf('w-1');
    under.inject('never-ready', { node: 'w-1' });
    const { bootId } = await under.machines.look(address);
    // Into another version: into its own it gets ready, and what stands against it is there for a moment only.
    const { signal } = new AbortController();
    await under.machines.pull(address, NEWER, { onProgress: () => undefined, signal });
    await under.machines.install(address, NEWER, () => undefined);
    await under.machines.reboot(address);
    await vi.waitFor(async () => {
      const view = await inspected(under, 'w-1');
      expect(view.bootId).not.toBe(bootId);
      expect(view.services).toMatchObject({ kind: 'said', value: [{ id: 'kubelet', state: 'Running' }] });
    }, patience);
  });

  it('tells what goes wrong with a machine that nobody touches', async () => {
    const under = await fresh({ settings: { talosVersion: 'v1.13.4', kubernetesVersion: 'v1.34.1' } });
    under.inject('time-unsynced', { node: 'w-1' });
    under.inject('disk-fills', { node: 'w-1', free: 5 });
    under.inject('siderolink', { node: 'w-1' });
    under.inject('install-disk', { node: 'w-1' });
    under.inject('kernel-arguments', { node: 'w-1' });
    under.inject('image-unpinned', { node: 'w-1' });
    expect(await inspected(under, 'w-1')).toMatchObject({
      time: { kind: 'said', value: { synced: false, syncDisabled: false } },
      room: { kind: 'said', value: { freeBytes: Math.floor((96 * GIB * 5) / 100) } },
      siderolink: { kind: 'said', value: { host: 'omni.example.com', connected: true } },
      systemDisk: { kind: 'said', value: '/dev/sda' },
      config: {
        kind: 'said',
        value: { installDisk: '/dev/vda', kernelArguments: ['net.ifnames'], images: IMAGES },
      },
    });
    expect((await inspected(under, 'w-2')).time).toMatchObject({ value: { synced: true } });
  });

  it('answers for every subject where the machine is gone', async () => {
    const under = await fresh();
    under.inject('node-down', { node: 'w-1' });
    const view = await under.machines.inspect(under.addressOf('w-1'));
    expect(new Set(Object.values(view).map(({ kind }) => kind))).toEqual(new Set(['silent']));
  });
}

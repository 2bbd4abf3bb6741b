/** What a simulated cluster is made of, and what the seed draws for each of its nodes. */
import { since } from './compatibility.ts';
import { DEFAULT_SCHEMATIC } from './image.ts';
import { createRandom } from './random.ts';

export type BootloaderKind = 'grub' | 'sd-boot';
export type Role = 'control-plane' | 'worker';

export interface WorldSettings {
  readonly seed: number;
  readonly clusterName: string;
  readonly controlPlanes: number;
  readonly workers: number;
  /** With the leading v. */
  readonly talosVersion: string;
  readonly kubernetesVersion: string;
  readonly platform: string;
  readonly secureBoot: boolean;
  readonly schematic: string;
  /**
   * By node name. The usual boot loader is sd-boot with secure boot; else GRUB, and on the control plane sd-boot where Talos
   * installs it (from 1.10 on).
   */
  readonly bootloaders: Readonly<Record<string, BootloaderKind>>;
  /** Of every node that is not named. */
  readonly bootloader: BootloaderKind | 'usual';
  /** The zone of every node that has one, by node name: its label topology.kubernetes.io/zone. */
  readonly zones: Readonly<Record<string, string>>;
  readonly pullMs: number;
  readonly installMs: number;
  /** From an accepted departure until the node is RUNNING, ready and, in etcd, caught up. */
  readonly rebootMs: number;
  /** How long a drained pod takes to end. */
  readonly drainMs: number;
  readonly snapshotMs: number;
  readonly electionMs: number;
  /** Size of etcd's database on disk, which a snapshot copies: mostly pages that are free. */
  readonly etcdDatabaseBytes: number;
  /** After a failed dial an endpoint answers for its target without dialing again, so long. Up to 15 s in the real one. */
  readonly proxyBackoffMs: number;
  /** How far a node's own times may lie from the settings: 0.2 = ±20 %. */
  readonly jitter: number;
  /** The node's number is put behind it. */
  readonly addressPrefix: string;
  readonly apidPort: number;
  readonly clusterEndpoint: string;
}

/** One node as the seed drew it. Times in milliseconds. */
export interface DrawnNode {
  readonly name: string;
  readonly role: Role;
  readonly address: string;
  readonly bootloader: BootloaderKind;
  readonly pullMs: number;
  readonly installMs: number;
  readonly rebootMs: number;
  readonly drainMs: number;
}

const DEFAULTS: WorldSettings = {
  seed: 1,
  clusterName: 'playground',
  controlPlanes: 3,
  workers: 3,
  talosVersion: 'v1.13.4',
  kubernetesVersion: 'v1.35.4',
  platform: 'metal',
  secureBoot: false,
  schematic: DEFAULT_SCHEMATIC,
  bootloaders: {},
  bootloader: 'usual',
  zones: {},
  pullMs: 200,
  installMs: 250,
  rebootMs: 600,
  drainMs: 150,
  snapshotMs: 50,
  electionMs: 40,
  etcdDatabaseBytes: 32_768,
  proxyBackoffMs: 40,
  jitter: 0.2,
  addressPrefix: '127.40.0',
  apidPort: 50000,
  clusterEndpoint: 'https://127.0.0.1:6443',
};

export function worldSettings(overrides: Partial<WorldSettings> = {}): WorldSettings {
  return { ...DEFAULTS, ...overrides };
}

function usualBootloader(
  { bootloader, secureBoot, talosVersion }: WorldSettings,
  role: Role,
): BootloaderKind {
  if (bootloader !== 'usual') return bootloader;
  if (secureBoot) return 'sd-boot';
  return role === 'control-plane' && since(talosVersion, '1.10') ? 'sd-boot' : 'grub';
}

/** The nodes of a cluster, each with its own times; the same settings draw the same nodes. */
export function drawNodes(settings: WorldSettings): DrawnNode[] {
  const random = createRandom(settings.seed);
  const draw = (name: string, role: Role, number: number): DrawnNode => {
    const own = random.fork(name);
    return {
      name,
      role,
      address: `${settings.addressPrefix}.${number}`,
      bootloader: settings.bootloaders[name] ?? usualBootloader(settings, role),
      pullMs: own.around(settings.pullMs, settings.jitter),
      installMs: own.around(settings.installMs, settings.jitter),
      rebootMs: own.around(settings.rebootMs, settings.jitter),
      drainMs: settings.drainMs,
    };
  };
  const controlPlane = Array.from({ length: settings.controlPlanes }, (_, index) =>
    draw(`cp-${index + 1}`, 'control-plane', index + 1),
  );
  // Worker addresses start at .101 so that a drawn cluster can be read at a glance.
  const workers = Array.from({ length: settings.workers }, (_, index) =>
    draw(`w-${index + 1}`, 'worker', index + 101),
  );
  return [...controlPlane, ...workers];
}

/**
 * What a whole upgrade needs at least, in milliseconds: slowest pull + snapshot + Σ(drain + install + reboot), a batch
 * of parallel workers counting its slowest.
 */
export function limitMs(settings: WorldSettings, nodes: readonly DrawnNode[], parallelWorkers = 1): number {
  const cost = (node: DrawnNode): number => node.drainMs + node.installMs + node.rebootMs;
  const pull = Math.max(0, ...nodes.map((node) => node.pullMs));
  const workers = nodes.filter((node) => node.role === 'worker');
  const width = Math.max(1, parallelWorkers);
  let total = pull + settings.snapshotMs;
  for (let start = 0; start < workers.length; start += width) {
    total += Math.max(...workers.slice(start, start + width).map(cost));
  }
  for (const node of nodes) if (node.role === 'control-plane') total += cost(node);
  return total;
}

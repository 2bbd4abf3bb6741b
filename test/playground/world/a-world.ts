/** Builds a small world over a clock the test turns, with a Kubernetes half that only remembers. */
import { ManualClock } from '../../../playground/world/clock.ts';
import type { KubernetesNode, KubernetesSide } from '../../../playground/world/kubernetes-side.ts';
import { type WorldSettings, worldSettings } from '../../../playground/world/settings.ts';
import { World } from '../../../playground/world/world.ts';

/** The few things the machines tell Kubernetes, remembered for a test to look at. */
export class RememberingKubernetes implements KubernetesSide {
  readonly nodes = new Map<string, KubernetesNode>();
  readonly ready = new Map<string, boolean>();
  readonly cordoned = new Set<string>();
  readonly blocked = new Set<string | null>();
  apiUp = true;

  addNode(node: KubernetesNode): void {
    this.nodes.set(node.name, node);
  }
  setNodeReady(name: string, ready: boolean): void {
    this.ready.set(name, ready);
  }
  setNodeVersion(name: string, talosVersion: string): void {
    const node = this.nodes.get(name);
    if (node !== undefined) this.nodes.set(name, { ...node, talosVersion });
  }
  setNodeSchematic(): void {}
  setKubernetesVersion(version: string): void {
    for (const [name, node] of this.nodes) this.nodes.set(name, { ...node, kubernetesVersion: version });
  }
  rebooted(): void {}
  isCordoned(name: string): boolean {
    return this.cordoned.has(name);
  }
  apiServerUp(anyControlPlaneUp: boolean): void {
    this.apiUp = anyControlPlaneUp;
  }
  podsRunningOn(): number {
    return 0;
  }
  setUnschedulable(name: string, value: boolean): void {
    if (value) this.cordoned.add(name);
    else this.cordoned.delete(name);
  }
  blockBudget(namespace: string | null): void {
    this.blocked.add(namespace);
  }
  unblockBudget(namespace: string | null): void {
    this.blocked.delete(namespace);
  }
  actsOn(): { cordons: number; uncordons: number; evictions: number } {
    return { cordons: 0, uncordons: 0, evictions: 0 };
  }
  onChange(): void {}
}

/** Times without jitter, so that a test can count in shares of a second. */
const EVEN: Partial<WorldSettings> = {
  jitter: 0,
  pullMs: 1_000,
  installMs: 1_000,
  rebootMs: 10_000,
  drainMs: 500,
};

export function aWorld(overrides: Partial<WorldSettings> = {}): {
  world: World;
  clock: ManualClock;
  kubernetes: RememberingKubernetes;
} {
  const clock = new ManualClock();
  const kubernetes = new RememberingKubernetes();
  const world = new World({ settings: worldSettings({ ...EVEN, ...overrides }), clock, kubernetes });
  return { world, clock, kubernetes };
}

export const NEXT = 'ghcr.io/siderolabs/installer:v1.13.9';

/** Pulls an image, turning the clock until it is there. */
export async function pullNow(
  { world, clock }: { world: World; clock: ManualClock },
  node: string,
  ref = NEXT,
): Promise<void> {
  const machine = world.machine(node);
  const pulled = machine.pull({ ref, place: 'system' });
  clock.advance(machine.node.pullMs);
  await pulled;
}

/** Pulls and installs an image, turning the clock until it is done; returns the exit code. */
export async function installNow(
  given: { world: World; clock: ManualClock },
  node: string,
  ref = NEXT,
): Promise<{ exitCode: number; lines: string[] }> {
  await pullNow(given, node, ref);
  const machine = given.world.machine(node);
  const lines: string[] = [];
  const installed = machine.install({ ref, place: 'system', sink: (line) => lines.push(line) });
  given.clock.advance(machine.node.installMs);
  return { exitCode: await installed, lines };
}

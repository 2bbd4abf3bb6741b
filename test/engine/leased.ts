// What the suites about the advisory Lease share: scenes that take it, who holds it, and somebody else who does.
import { LEASE } from '../../playground/doubles/advisory-lease.ts';
import { isJsonObject, type JsonObject } from '../../playground/world/kubernetes/patch.ts';
import { LEASE_DURATION_MS } from '../../src/engine/ports/advisory-lease.ts';
import { aSmallScene, type Scene, type SceneOptions } from './scene.ts';

const WHERE = { namespace: 'kube-system', name: 'talos-chatops' };
const ACTS = ['cordon', 'evict', 'install', 'forfeitLeadership', 'reboot', 'rollback'];

export const leased = (options: SceneOptions = {}): Scene => aSmallScene({ leased: true, ...options });

/** Another house: its own store and processes, the same cluster. */
export function neighbourOf(first: Scene, options: SceneOptions = {}): Scene {
  return leased({ id: 'r2', beside: first.house, ...options });
}

export function specOf({ house }: Scene): JsonObject {
  const found = house.objects.shelf.get(LEASE, WHERE.namespace, WHERE.name);
  const spec = found.kind === 'refused' ? {} : found.object['spec'];
  return isJsonObject(spec) ? spec : {};
}

export const holderOf = (scene: Scene): unknown => specOf(scene)['holderIdentity'] || null;

/** Somebody else has it from now on, until the returned function is called; or took it, and is no more. */
export function seize(
  scene: Scene,
  holder = 'talos-chatops/r9/elsewhere',
  then: 'renews' | 'dies' = 'renews',
): () => void {
  const { shelf } = scene.house.objects;
  const leaseTransitions = Number(specOf(scene)['leaseTransitions'] ?? 0) + 1;
  let turns = 0;
  let over = false;
  const write = (holderIdentity: string): void => {
    turns += 1;
    const renewTime = `turn-${turns}`;
    const acquireTime = '2026-01-01T00:00:00.000000Z';
    shelf.put(LEASE, {
      metadata: WHERE,
      spec: { holderIdentity, acquireTime, renewTime, leaseTransitions, leaseDurationSeconds: 120 },
    });
  };
  const renew = (): void => {
    if (over) return;
    write(holder);
    if (then === 'renews') scene.house.time.after(LEASE_DURATION_MS / 3, renew);
  };
  renew();
  return () => {
    over = true;
    write('');
  };
}

/** Notes who holds it at every act, as `reboot: talos-chatops/r1/worker-1`. */
export function watchedActs(scene: Scene): readonly string[] {
  const seen: string[] = [];
  scene.tap({
    before: ({ method }) => {
      if (ACTS.includes(method)) seen.push(`${method}: ${String(holderOf(scene))}`);
    },
  });
  return seen;
}

export const changed = (scene: Scene, node = ''): boolean =>
  scene
    .facts('step-begun')
    .some(({ step }) => new RegExp(`${node}-(cordon|drain|install|reboot)`).test(step));

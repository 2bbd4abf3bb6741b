// Others who restart or reconfigure machines, found by what they leave in Kubernetes (kubernetes.md 3.8, 3.10).
import type { OtherUpgrader } from '../../cluster/estate/neighbours.ts';
import { hasAt, isPlain, listAt, nameOf, type Plain, textAt, textsAt } from './plain.ts';

/** Phases in which tuppr has nothing in hand. */
const TUPPR_IDLE = ['', 'Pending', 'Completed', 'Failed', 'MaintenanceWindow'];
const TUPPR_SUSPEND = 'tuppr.home-operations.com/suspend';

export function tupprFound(object: Plain, kind: string): OtherUpgrader {
  const phase = textAt(object, 'status', 'phase');
  // tuppr goes by the annotation's presence. What it has in hand it may finish all the same, so the phase comes first (kubernetes.md 3.8).
  const suspended = hasAt(object, 'metadata', 'annotations', TUPPR_SUSPEND);
  const working = !TUPPR_IDLE.includes(phase);
  const told = phase === '' ? 'without a phase' : `phase ${phase}`;
  return {
    kind: 'tuppr',
    name: `${kind} ${nameOf(object).name}`,
    state: working ? 'working' : suspended ? 'suspended' : 'idle',
    detail: suspended ? `${told}, suspended` : told,
  };
}

export function planFound(plan: Plain): OtherUpgrader {
  const applying = textsAt(plan, 'status', 'applying');
  return {
    kind: 'system-upgrade-controller',
    name: `Plan ${nameOf(plan).namespace}/${nameOf(plan).name}`,
    state: applying.length > 0 ? 'working' : 'idle',
    detail: applying.length > 0 ? `on ${applying.join(', ')}` : 'nothing is being applied',
  };
}

const KURED_LOCK = 'weave.works/kured-node-lock';

export function kuredFound(daemonSet: Plain): OtherUpgrader {
  const holders = lockHolders(textAt(daemonSet, 'metadata', 'annotations', KURED_LOCK));
  return {
    kind: 'kured',
    name: `DaemonSet ${nameOf(daemonSet).namespace}/${nameOf(daemonSet).name}`,
    state: holders.length > 0 ? 'working' : 'idle',
    detail: holders.length > 0 ? `its lock is held for ${holders.join(', ')}` : 'no lock is held',
  };
}

/** One owner, or several when kured may restart several. A lock that cannot be read counts as held: by whom is not known. */
function lockHolders(annotation: string): readonly string[] {
  if (annotation === '') return [];
  try {
    const lock: unknown = JSON.parse(annotation);
    const owners = isPlain(lock) && lock['locks'] !== undefined ? listAt(lock, 'locks') : [lock];
    return owners.map((owner) => textAt(owner, 'nodeID')).filter((node) => node !== '');
  } catch {
    return ['a node it does not name'];
  }
}

const MACHINE = 'cluster.x-k8s.io/machine';

/** Cluster API reconfigures the machines it owns from its own objects. */
export function clusterApiFound(nodes: readonly Plain[]): readonly OtherUpgrader[] {
  const owned = nodes.filter((node) => hasAt(node, 'metadata', 'annotations', MACHINE));
  if (owned.length === 0) return [];
  const detail = `${owned.length} of ${nodes.length} nodes are its machines`;
  return [{ kind: 'cluster-api', name: 'annotation on nodes', state: 'idle', detail }];
}

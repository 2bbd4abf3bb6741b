// What must hold of pods when one is deleted and when their node leaves, judged by the journal and the world, not by the product.
import type { House } from '../../playground/doubles/house.ts';
import type { PortCall } from '../../playground/doubles/mortal.ts';
import type { PodSeen } from '../../src/engine/ports/workloads.ts';
import type { Entry } from '../../src/rollout/event.ts';
import { stepsOn } from '../../src/rollout/plan.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';

/** What two different people agreed to, as uids of pods. */
function agreed(entries: readonly Entry[], wanted: 'leave' | 'force'): readonly string[] {
  return entries.flatMap(({ event }) => {
    if (event.kind !== 'drain-decided' || event.choice !== wanted || event.askedBy === event.user) return [];
    const shown = entries.flatMap(({ event: other }) =>
      other.kind === 'drain-blocked' && other.step === event.step ? other.blockers.map(({ uid }) => uid) : [],
    );
    return event.pods.filter((uid) => shown.includes(uid));
  });
}

/** Whose pods come back, and are left whichever they are: those that two different people were shown. */
function leftOwners(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ event }) => {
    if (event.kind !== 'drain-decided' || event.choice !== 'leave' || event.askedBy === event.user) return [];
    const shown = entries.flatMap(({ event: other }) =>
      other.kind === 'drain-blocked' && other.step === event.step ? other.blockers : [],
    );
    const coming = shown.filter(({ cause }) => cause === 'comes-back').map(({ workload }) => workload);
    return (event.workloads ?? []).filter((workload) => coming.includes(workload));
  });
}

/** Empty when this pod may be deleted past its budget. */
export function wrongDeletions({ method, args }: PortCall, entries: readonly Entry[]): readonly string[] {
  if (method !== 'remove') return [];
  const { namespace, name, uid } = args[0] as PodSeen;
  return agreed(entries, 'force').includes(uid)
    ? []
    : [`${namespace}/${name} is deleted without two people’s word`];
}

/** Empty when the node, which is drained in this plan, is cordoned and nothing runs on it that people did not leave. */
export function wrongDeparture(
  house: House,
  { rollout, entries }: { readonly rollout: Rollout; readonly entries: readonly Entry[] },
  node: string,
): readonly string[] {
  const steps = rollout.plan === null ? [] : stepsOn(rollout.plan, node);
  if (!steps.some(({ kind }) => kind === 'drain') || !house.objects.apiUp) return [];
  const left = agreed(entries, 'leave');
  const owners = leftOwners(entries);
  const pods = house.objects.api.list('pods', { fieldSelector: `spec.nodeName=${node}` });
  const running = pods.kind === 'refused' ? [] : pods.object.items.filter((item) => item.kind === 'Pod');
  const strangers = running.filter(({ metadata }) => {
    const owner = metadata.ownerReferences?.[0];
    const coming = owners.includes(`${metadata.namespace}/${owner?.kind} ${owner?.name}`);
    return owner?.kind !== 'DaemonSet' && owner?.kind !== 'Node' && !left.includes(metadata.uid) && !coming;
  });
  return [
    ...(house.objects.isCordoned(node) ? [] : ['although it is not cordoned']),
    ...strangers.map(({ metadata }) => `with ${metadata.namespace}/${metadata.name} on it`),
  ];
}

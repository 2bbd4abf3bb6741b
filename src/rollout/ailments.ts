// What a node lacks to be whole, by all that was seen of it.
import { said } from '../cluster/answer.ts';
import { staticPodAilments } from '../cluster/pod.ts';
import type { NodeSnapshot } from '../cluster/snapshot.ts';

/** What keeps a node from counting as whole; each completes "<node> …". Its machine must have been asked. */
export function ailmentsOf(node: NodeSnapshot): readonly string[] {
  const whys: string[] = [];
  const machine = said(node.machine);
  if (machine === null) whys.push('does not answer its Talos API');
  else if (machine.stage !== 'running' || !machine.ready) {
    const unmet = machine.unmet.map((condition) => condition.name).join(', ');
    whys.push(`is ${machine.stage}${machine.ready ? '' : ', not ready'}${unmet === '' ? '' : ` (${unmet})`}`);
  }
  return [...whys, ...ailmentsInKubernetes(node)];
}

/** The same by what Kubernetes says alone: of a node whose machine nobody asked, nothing is said about its silence. */
export function ailmentsInKubernetes(node: NodeSnapshot): readonly string[] {
  const whys: string[] = [];
  const machine = said(node.machine);
  const workload = said(node.workload);
  if (node.workload.kind === 'silent')
    whys.push(`cannot be asked about in Kubernetes (${node.workload.why})`);
  else if (workload === null) whys.push('is not seen by Kubernetes');
  else if (!workload.ready) whys.push('is not Ready in Kubernetes');
  else if (machine !== null && workload.bootId !== '' && workload.bootId !== machine.bootId) {
    whys.push('has not reported to Kubernetes since it booted');
  }
  if (node.staticPods?.kind === 'silent')
    whys.push(`has static pods that could not be read (${node.staticPods.why})`);
  else if (node.staticPods !== null) whys.push(...staticPodAilments(node.staticPods.value));
  return whys;
}

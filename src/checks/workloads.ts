// Checks on the Kubernetes side: every machine is a Node, Ready, and the control plane's static pods run.

import { said } from '../cluster/answer.ts';
import { staticPodAilments } from '../cluster/pod.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { LET_READ } from './asked-of-kubernetes.ts';
import { type Finding, summed } from './finding.ts';

/** Expects the machines and the Kubernetes nodes to be the same set. */
export function everyMachineIsANode(snapshot: Snapshot): readonly Finding[] {
  const check = 'nodes-match';
  const missing = snapshot.nodes.flatMap((node): Finding[] => {
    if (node.workload.kind === 'silent') {
      const sentence = `Kubernetes does not say anything about ${node.name}: ${node.workload.why}`;
      return [
        {
          check,
          level: 'unknown',
          subject: node.name,
          sentence,
          advice: 'Make the Kubernetes API reachable for the bot.',
        },
      ];
    }
    if (node.workload.value !== null) return [];
    const sentence = `${node.name} (${node.address}) is a Talos machine but no Kubernetes node.`;
    return [
      {
        check,
        level: 'blocker',
        subject: node.name,
        sentence,
        advice: 'Wait until it joined, or take the machine out of discovery.',
      },
    ];
  });
  const strangers: Finding[] = snapshot.strangers.map((name) => ({
    check,
    level: 'blocker',
    subject: name,
    sentence: `${name} is a Kubernetes node but no Talos machine that discovery knows.`,
    advice: 'Delete the stale Node object, or list all machines under `nodes` in the configuration.',
  }));
  const unlisted: Finding[] = snapshot.silences.map((why) => ({
    check,
    level: 'unknown',
    subject: 'cluster',
    sentence: `The list of nodes may be incomplete: ${why}`,
    advice: 'Make both the Talos API and the Kubernetes API reachable for the bot.',
  }));
  return summed(
    check,
    [...unlisted, ...missing, ...strangers],
    `Machines and Kubernetes nodes are the same ${snapshot.nodes.length}.`,
  );
}

/**
 * What nobody told about nodes, once for each reason; empty when Kubernetes told about all of them. Where the pre-flight met the
 * same silence its words are taken, so that people read all that it hides in one line.
 */
function unseenNodes({ nodes, estate }: Snapshot, check: string, what: string): readonly Finding[] {
  const met = estate?.nodes.kind === 'silent' ? estate.nodes.why : null;
  const silent = nodes.flatMap(({ workload }) => (workload.kind === 'silent' ? [met ?? workload.why] : []));
  const whys = nodes.length === 0 ? ['No node was found.'] : [...new Set(silent)];
  return whys.map((why) => ({
    ...{ check, level: 'unknown', subject: 'cluster', advice: LET_READ },
    sentence: `Nothing is known about ${what}: ${why}`,
    silence: { what, why },
  }));
}

/** Expects every Kubernetes node to be Ready. */
export function nodesAreReady(snapshot: Snapshot): readonly Finding[] {
  const unseen = unseenNodes(snapshot, 'node-ready', 'whether nodes are Ready');
  const troubles: Finding[] = snapshot.nodes.flatMap((node) => {
    const view = said(node.workload);
    if (view === null || view.ready) return [];
    const advice = 'Repair the node first: an upgrade would hide what is wrong with it.';
    return [
      {
        check: 'node-ready',
        level: 'blocker',
        subject: node.name,
        sentence: `Kubernetes node ${node.name} is not Ready.`,
        advice,
      },
    ];
  });
  return summed('node-ready', [...unseen, ...troubles], 'Every Kubernetes node is Ready.');
}

/** Warns about cordoned nodes: they are left cordoned, and pods have fewer places to go. */
export function nodesAreSchedulable(snapshot: Snapshot): readonly Finding[] {
  const unseen = unseenNodes(snapshot, 'node-schedulable', 'which nodes are cordoned');
  const details = snapshot.estate?.nodes.kind === 'said' ? snapshot.estate.nodes.value : [];
  const troubles: Finding[] = snapshot.nodes.flatMap((node) => {
    const view = said(node.workload);
    if (!view?.unschedulable) return [];
    const manager = details.find(({ name }) => name === node.name)?.cordonedBy ?? null;
    const who = view.cordonedBy === null ? manager : `rollout ${view.cordonedBy}`;
    const by = who === null ? '' : ` by ${who}`;
    const sentence = `${node.name} is cordoned already${by}; it will be left cordoned.`;
    return [{ check: 'node-schedulable', level: 'warning', subject: node.name, sentence, advice: null }];
  });
  return summed('node-schedulable', [...unseen, ...troubles], 'No node is cordoned.');
}

/** Expects the static pods to be ready on every control-plane node, kube-apiserver at the least. */
export function staticPodsAreReady(snapshot: Snapshot): readonly Finding[] {
  const check = 'static-pods';
  const troubles: Finding[] = snapshot.nodes.flatMap((node): Finding[] => {
    if (node.staticPods === null) return [];
    const advice = 'Look at the pod in kube-system, or at its logs on the node.';
    if (node.staticPods.kind === 'silent') {
      const sentence = `The static pods of ${node.name} could not be read: ${node.staticPods.why}`;
      return [{ check, level: 'unknown', subject: node.name, sentence, advice }];
    }
    const whys = staticPodAilments(node.staticPods.value);
    if (whys.length === 0) return [];
    const what = whys.join(' and ');
    return [{ check, level: 'blocker', subject: node.name, sentence: `${node.name} ${what}.`, advice }];
  });
  return summed(check, troubles, 'The static pods of every control-plane node are ready.');
}

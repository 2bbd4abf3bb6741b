// Checks on where drained pods can go: room on the other nodes, and pressure on those that exist.
import type { NodeDetail } from '../cluster/estate/platform.ts';
import type { PodView } from '../cluster/estate/pods.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { judged, LET_READ, orWell, type Trouble } from './asked-of-kubernetes.ts';
import { nodesWithoutElsewhere } from './elsewhere.ts';
import type { Finding } from './finding.ts';
import { isEvicted, isFinished } from './pods.ts';
import { type Companion, takesPods } from './together.ts';

interface Room {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

const NOTHING: Room = { cpuMilli: 0, memoryBytes: 0, pods: 0 };

function plus(a: Room, b: Room, sign: 1 | -1 = 1): Room {
  return {
    cpuMilli: a.cpuMilli + sign * b.cpuMilli,
    memoryBytes: a.memoryBytes + sign * b.memoryBytes,
    pods: a.pods + sign * b.pods,
  };
}

function needOf(pods: readonly PodView[]): Room {
  return pods.reduce((sum, { requests }) => plus(sum, { ...requests, pods: 1 }), NOTHING);
}

/**
 * Expects the pods of any one node to fit on the others. Sums only: a pod may still find no single node that is large enough,
 * or a zone or taint that keeps it out, so this warns and never promises.
 */
export function drainedPodsFit(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'capacity', subject: 'pods', what: 'pods' } as const;
  const nodes = snapshot.estate?.nodes;
  return judged(about, snapshot, (pods) => {
    if (nodes?.kind !== 'said') {
      const sentence = 'Nothing is known about the size of the nodes.';
      return [{ level: 'unknown', sentence, advice: LET_READ }];
    }
    const byNode = onNodes(pods);
    const free = roomOf(nodes.value, byNode);
    const staying = nodesWithoutElsewhere(snapshot);
    const troubles = nodes.value.flatMap((node): Trouble[] => {
      if (staying.has(node.name)) return [stayingPods(node.name)];
      const moving = (byNode.get(node.name) ?? []).filter(isEvicted);
      const trouble = moving.length === 0 ? null : troubleOf(node, moving, free);
      return trouble === null ? [] : [trouble];
    });
    return orWell(troubles, 'The pods of any one node fit on the others, by the sum of what they ask for.');
  });
}

function onNodes(pods: readonly PodView[]): ReadonlyMap<string, readonly PodView[]> {
  return Map.groupBy(
    pods.filter((pod) => pod.node !== null && !isFinished(pod)),
    (pod) => pod.node ?? '',
  );
}

/** What is free on every node that takes pods. */
function roomOf(
  nodes: readonly NodeDetail[],
  byNode: ReadonlyMap<string, readonly PodView[]>,
): ReadonlyMap<string, Room> {
  const hosts = nodes.filter(takesPods);
  return new Map(
    hosts.map((host) => [host.name, plus(host.allocatable, needOf(byNode.get(host.name) ?? []), -1)]),
  );
}

/** What is left when all of them are gone, by the same sums. */
export const roomTogether: Companion = ({ estate }) => {
  const pods = estate?.pods;
  const nodes = estate?.nodes;
  if (pods?.kind !== 'said' || nodes?.kind !== 'said') return () => 'nobody tells how much room is left';
  const byNode = onNodes(pods.value);
  const free = roomOf(nodes.value, byNode);
  const all = [...free.values()].reduce((sum, room) => plus(sum, room), NOTHING);
  const needs = new Map([...byNode].map(([node, mine]) => [node, needOf(mine.filter(isEvicted))]));
  return (others, next) => {
    const leaving = [...others, next];
    const need = leaving.reduce((sum, node) => plus(sum, needs.get(node) ?? NOTHING), NOTHING);
    const room = leaving.reduce((left, node) => plus(left, free.get(node) ?? NOTHING, -1), all);
    const lacks = need.pods === 0 ? [] : lacking(need, room);
    return lacks.length === 0 ? null : `without all of them the other nodes lack ${lacks.join(' and ')}`;
  };
};

/** No blocker: where pods can never go, people have agreed to that since they made the cluster. */
function stayingPods(subject: string): Trouble {
  const sentence = `No other node takes the pods of ${subject}, so it is not drained: they are down until it is back.`;
  return { level: 'warning', subject, sentence, advice: 'Only another node would keep them running.' };
}

function troubleOf(
  node: NodeDetail,
  moving: readonly PodView[],
  free: ReadonlyMap<string, Room>,
): Trouble | null {
  const others = [...free].filter(([name]) => name !== node.name).map(([, room]) => room);
  const subject = node.name;
  if (others.length === 0) {
    const sentence = `The pods of ${node.name} have nowhere to go: no other node takes pods.`;
    return { level: 'blocker', subject, sentence, advice: 'Uncordon or add a node.' };
  }
  const room = others.reduce((sum, one) => plus(sum, one), NOTHING);
  const lacks = lacking(needOf(moving), room);
  if (lacks.length === 0) return null;
  const sentence = `The pods of ${node.name} will not all fit elsewhere: the other nodes lack ${lacks.join(' and ')}.`;
  return { level: 'warning', subject, sentence, advice: 'Some pods will wait until the node is back.' };
}

function lacking(need: Room, room: Room): readonly string[] {
  return [
    ...(need.cpuMilli > room.cpuMilli
      ? [`CPU (${cores(need.cpuMilli)} asked, ${cores(room.cpuMilli)} free)`]
      : []),
    ...(need.memoryBytes > room.memoryBytes
      ? [`memory (${gib(need.memoryBytes)} asked, ${gib(room.memoryBytes)} free)`]
      : []),
    ...(need.pods > room.pods
      ? [`places for pods (${need.pods} asked, ${Math.max(0, room.pods)} free)`]
      : []),
  ];
}

function cores(milli: number): string {
  return `${(Math.max(0, milli) / 1_000).toFixed(1)} cores`;
}

function gib(bytes: number): string {
  return `${(Math.max(0, bytes) / 2 ** 30).toFixed(1)} GiB`;
}

/** Expects no node to be short of memory, disk or process ids, nor without a network. */
export function nodesAreEasy(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'node-pressure', subject: 'nodes', what: 'the conditions of the nodes' } as const;
  return judged(about, snapshot, (nodes) => {
    const troubles = nodes.flatMap(({ name, pressures, untold }): Trouble[] => {
      if (pressures.length === 0) return untold.length === 0 ? [] : [untoldOf(name, untold)];
      const sentence = `${name} reports ${pressures.join(' and ')}.`;
      return [
        {
          level: 'blocker',
          subject: name,
          sentence,
          advice: 'Relieve it first: images must still be pulled to it.',
        },
      ];
    });
    return orWell(troubles, 'No node is under pressure.');
  });
}

/** The kubelet has stopped telling: its last words are no news, neither good nor bad. */
function untoldOf(subject: string, untold: readonly string[]): Trouble {
  const sentence = `${subject} does not tell whether it is under pressure (${untold.join(', ')}).`;
  const advice = `See \`kubectl describe node ${subject}\`: its kubelet has stopped reporting.`;
  return { level: 'unknown', subject, sentence, advice };
}

/** Warns when the bot itself runs on nodes of this cluster: its pod is evicted with the others, and goes on elsewhere. */
export function botMayMove(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'own-pod', subject: 'ownPods', what: "the bot's own pod" } as const;
  return judged(about, snapshot, ({ nodes }) => {
    const [only] = nodes;
    if (only === undefined) return 'The bot does not run on a node of this cluster.';
    const stays = nodesWithoutElsewhere(snapshot).has(only);
    const sentence =
      nodes.length === 1
        ? `The bot itself runs on ${only}: ${stays ? 'while that node restarts it is away as well, and then goes on' : 'when that node is drained it stops for as long as it takes to start elsewhere'}.`
        : `The bot itself runs on ${nodes.join(', ')}, so one of its pods is always there.`;
    return [
      {
        level: nodes.length === 1 ? 'warning' : 'ok',
        subject: only,
        sentence,
        advice:
          nodes.length > 1
            ? null
            : stays
              ? 'Nothing is lost, as long as its Redis keeps its data on disk.'
              : 'Nothing is lost; a second replica keeps it answering.',
      },
    ];
  });
}

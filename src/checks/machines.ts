// Checks on the machines themselves: they answer, they run, and nothing is left over from an earlier upgrade.

import { said } from '../cluster/answer.ts';
import type { MachineView, NodeSnapshot, Snapshot } from '../cluster/snapshot.ts';
import { type Finding, summed } from './finding.ts';
import { nobodyTold, noneAnswers, perInspection } from './inspected.ts';
import { quoted } from './quoted.ts';

/** Expects every machine to answer its own API. */
export function machinesAnswer(snapshot: Snapshot): readonly Finding[] {
  if (snapshot.nodes.length === 0) {
    const why = snapshot.silences.length === 0 ? 'discovery lists none' : snapshot.silences.join('; ');
    const advice =
      'Check the talosconfig: its endpoints must be control-plane machines that the bot can reach.';
    return [
      {
        check: 'machine-answers',
        level: 'unknown',
        subject: 'cluster',
        sentence: `No machine was found: ${why}.`,
        advice,
      },
    ];
  }
  const troubles = snapshot.nodes.flatMap((node): readonly Finding[] => {
    if (node.machine.kind === 'said') return [];
    const why = node.machine.why;
    return [{ check: 'machine-answers', level: 'unknown', subject: node.name, ...silenceOf(node, why) }];
  });
  return summed('machine-answers', troubles, `All ${snapshot.nodes.length} machines answer their Talos API.`);
}

/** Discovery keeps what is gone for as long as this (talos-api.md 9.22). */
const FORGOTTEN_AFTER = '30 minutes';

function silenceOf(node: NodeSnapshot, why: string): Pick<Finding, 'sentence' | 'advice'> {
  // Kubernetes answered, and knows no such node: most likely it was taken away, and only discovery does not know yet.
  if (node.workload.kind === 'said' && node.workload.value === null)
    return {
      sentence: `Discovery still lists ${node.name} (${node.address}), which is no Kubernetes node and does not answer: ${why}`,
      advice: `If it is gone, wait: it disappears within ${FORGOTTEN_AFTER}. If it is not, bring it back.`,
    };
  return {
    sentence: `${node.name} does not answer its Talos API: ${why}`,
    advice: 'Bring the machine back, or remove it from the cluster, then ask again.',
  };
}

/** Expects every machine to be in stage running, and ready. In other stages "ready" says nothing (talos-api.md 2.2). */
export function machinesAreReady(snapshot: Snapshot): readonly Finding[] {
  if (noneAnswers(snapshot)) return [nobodyTold('machine-ready', 'whether it is ready')];
  const troubles = perMachine(snapshot, (node, machine) => {
    if (machine.stage === 'running' && machine.ready) return [];
    const unmet = quoted(machine.unmet.map(({ name, reason }) => `${name}: ${reason}`).join('; '));
    if (machine.stage === 'unknown') return [stagelessly(node)];
    return [
      {
        check: 'machine-ready',
        level: 'blocker',
        subject: node.name,
        sentence: `${node.name} is ${machine.stage}${machine.ready ? '' : ' and not ready'}${unmet === '' ? '' : ` (${unmet})`}.`,
        advice: 'Wait until it is running and ready, or repair it first.',
      },
    ];
  });
  return summed('machine-ready', troubles, 'Every machine that answers is running and ready.');
}

/** A machine that answers and names no stage is starting, or newer than what we know. */
function stagelessly({ name }: NodeSnapshot): Finding {
  const sentence = `${name} does not say in which stage it is, so nobody can say whether it is ready.`;
  const advice = `Ask again in a minute; \`talosctl -n ${name} get machinestatus\` shows what it says.`;
  return { check: 'machine-ready', level: 'unknown', subject: name, sentence, advice };
}

/** Expects no fallback entry: with META 0x06 still set, a later crash would boot an older system (talos-api.md section 4). */
export function machinesHaveSettled(snapshot: Snapshot): readonly Finding[] {
  const check = 'machine-settled';
  const about = { check, what: 'whether its last upgrade was finished' } as const;
  const troubles = perInspection(
    snapshot,
    { ...about, pick: (inspection) => inspection.fallback },
    (fallback, node) => {
      const version = said(node.machine)?.version ?? 'what it runs';
      const sentence = `${node.name} never finished its last upgrade: a crash would boot ${fallback} instead of ${version}.`;
      const advice = 'Find out why it never became ready; a healthy boot clears the mark.';
      return [{ level: 'blocker', sentence, advice }];
    },
  );
  return summed(check, troubles, 'No machine carries a fallback from an unfinished upgrade.');
}

function perMachine(
  snapshot: Snapshot,
  judge: (node: NodeSnapshot, machine: MachineView) => readonly Finding[],
): readonly Finding[] {
  return snapshot.nodes.flatMap((node) => {
    const machine = said(node.machine);
    return machine === null ? [] : judge(node, machine);
  });
}

// The private answer to `/talos check`: how a cluster is, everything that was found worst first, and what a plan would ask besides.
import type { Level } from '../../checks/finding.ts';
import type { ConditionReport } from '../../engine/ports/errands.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { context, divider, type Message, message, packed, section } from './blocks.ts';
import { areFolded, findingLines } from './findings.ts';
import { runsWords } from './runs.ts';
import { bold, code, joined, lines, type Mrkdwn, mrkdwn, plural, spoken } from './text.ts';
import { capital, nounOf, phaseLine } from './words.ts';

/** What has the cluster. */
export interface Running {
  readonly rollout: Rollout;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** `running`: the rollout that has the cluster at this moment; null when none has. */
export function conditionMessage(cluster: string, report: ConditionReport, running: Running | null): Message {
  const title = titleOf(cluster, report);
  const folded = areFolded(report.findings)
    ? mrkdwn`Only the worst is shown: the rest does not fit into one message, and shows when this is settled.`
    : null;
  return message(mrkdwn`${spoken(title)}.`, [
    section(
      lines(title, aboutLine(report), silenceLine(report), running === null ? null : runningLine(running)),
    ),
    report.findings.length === 0 ? null : divider(),
    ...packed(findingLines(report.findings)),
    folded === null ? null : section(folded),
    context(
      mrkdwn`Only you see this. Nothing was changed.`,
      mrkdwn`To see what an upgrade would do: ${code(`/talos plan ${cluster} <version>`)}`,
    ),
  ]);
}

const COUNTED: readonly (readonly [Level, (count: number) => string])[] = [
  ['blocker', (count) => plural(count, 'blocker')],
  ['unknown', (count) => plural(count, 'unknown')],
  ['warning', (count) => plural(count, 'warning')],
];

function titleOf(cluster: string, { findings, runs }: ConditionReport): Mrkdwn {
  const counts = COUNTED.flatMap(([level, words]) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [words(count)];
  });
  const silent = runs.talos === null || runs.kubernetes === null;
  if (counts.length === 0 && silent) return mrkdwn`${bold(cluster)} is known only in part`;
  if (counts.length === 0) return mrkdwn`:white_check_mark: ${bold(cluster)} is well`;
  return mrkdwn`${bold(cluster)} has ${bold(counts.join(', '))}`;
}

/** "6 nodes (3 of the control plane) · Talos v1.13.4 · Kubernetes v1.31.5". */
function aboutLine({ nodes, runs }: ConditionReport): Mrkdwn {
  const all = nodes.controlPlane + nodes.workers;
  return joined(
    [mrkdwn`${plural(all, 'node')} (${nodes.controlPlane} of the control plane)`, ...runsWords(runs)],
    ' · ',
  );
}

/** A half that is missing is said before its many unknowns. */
function silenceLine({ runs }: ConditionReport): Mrkdwn | null {
  if (runs.talos === null && runs.kubernetes === null)
    return mrkdwn`:grey_question: Neither a machine nor Kubernetes answers: nothing is known of this cluster.`;
  if (runs.kubernetes === null)
    return mrkdwn`:grey_question: Kubernetes does not answer: this is what the machines and etcd say. Whatever runs on them is not known.`;
  if (runs.talos === null)
    return mrkdwn`:grey_question: No machine answers: this is what Kubernetes says. Of Talos and etcd nothing is known.`;
  return null;
}

/** Whoever asks meanwhile sees nodes that are away on purpose. */
function runningLine({ rollout, now }: Running): Mrkdwn {
  const noun = capital(nounOf(rollout.cluster, rollout.goal));
  return mrkdwn`${noun} has the cluster, so some of what is below may be its own doing.\n${phaseLine(rollout, now)}`;
}

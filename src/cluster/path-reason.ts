// The words of a path: why each hop is there, and what stops a way that leads nowhere.
import { compareMinors, minorAfter, rowOf } from './compatibility.ts';
import { type Move, outside, type Search, type State, stopsKubernetes, stopsTalos } from './path-search.ts';

/** Whole sentences: the reason first, then what to know before. */
export function whyOf(moves: readonly Move[], index: number, search: Search): string {
  const move = moves[index];
  if (move === undefined) throw new Error('a hop of another path');
  const reason =
    move.kind === 'talos'
      ? talosReason(move, moves.slice(index + 1), search)
      : kubernetesReason(move, moves.slice(index + 1), search);
  const entered = move.kind === 'talos' && move.before.talos !== move.after.talos;
  const hints = entered ? hintsBetween(move, search) : [];
  return [`${reason}.`, ...hints].join(' ');
}

/** Skipped minors are entered as well. */
function hintsBetween({ before, after }: Move, { table }: Search): readonly string[] {
  return table
    .filter(({ minor }) => compareMinors(minor, before.talos) > 0 && compareMinors(minor, after.talos) <= 0)
    .flatMap(({ hints }) => hints);
}

function talosReason(move: Move, later: readonly Move[], search: Search): string {
  const { before, after } = move;
  const leaves = later.some(({ kind }) => kind === 'talos');
  if (before.talos === after.talos && leaves) {
    const needed = search.rules.patches === 'needed';
    const next = rowOf(search.table, minorAfter(after.talos));
    return needed && next?.enterFrom != null
      ? `Needed first: ${next.enterFrom.why}`
      : `The latest patch of Talos ${after.talos} comes before the next minor`;
  }
  if (after.talos === search.goal.talos) return 'This is the Talos that was asked for';
  const row = rowOf(search.table, before.talos);
  const wants = later.find(
    ({ kind, after: reached }) =>
      kind === 'kubernetes' && row !== null && compareMinors(reached.kubernetes, row.kubernetes.to) > 0,
  );
  return wants === undefined
    ? 'Talos goes one minor at a time'
    : `Talos ${before.talos} runs Kubernetes only up to ${row?.kubernetes.to ?? '?'}`;
}

function kubernetesReason(move: Move, later: readonly Move[], search: Search): string {
  const { before, after } = move;
  const needs = later
    .filter(({ kind }) => kind === 'talos')
    .map(({ after: reached }) => rowOf(search.table, reached.talos))
    .find((row) => row !== null && compareMinors(before.kubernetes, row.kubernetes.from) < 0);
  if (before.kubernetes === after.kubernetes && after.kubernetes !== search.goal.kubernetes)
    return `Kubelets of ${before.kubelets} must catch up first`;
  if (needs != null && after.kubernetes !== search.goal.kubernetes)
    return `Talos ${needs.minor} needs Kubernetes ${needs.kubernetes.from} or newer`;
  if (after.kubernetes === search.goal.kubernetes) return 'This is the Kubernetes that was asked for';
  return 'Kubernetes goes one minor at a time';
}

/** What is not as it should be before the first hop; whole sentences. */
export function outsideOf(search: Search): readonly string[] {
  const { start, newest } = search;
  const wrong = outside(start, search);
  return [
    wrong === null ? null : `The cluster is outside the table already: ${wrong}.`,
    start.talos === newest.talos
      ? null
      : `Machines run different minors of Talos (${start.talos} to ${newest.talos}); those behind go first.`,
    start.kubernetes === newest.kubernetes
      ? null
      : `Kubernetes is between ${start.kubernetes} and ${newest.kubernetes}; what is behind goes first.`,
  ].filter((sentence) => sentence !== null);
}

/** What stops the way at its nearest point; at least one whole sentence. */
export function reasonsAt(end: State, search: Search): readonly string[] {
  const { goal } = search;
  const talos =
    goal.talos === null || end.talos === goal.talos ? null : stopsTalos(end, minorAfter(end.talos), search);
  const kubernetes =
    goal.kubernetes === null || end.kubernetes === goal.kubernetes
      ? null
      : stopsKubernetes(end, minorAfter(end.kubernetes), search);
  const reasons = [
    talos === null ? null : `Talos cannot go on to ${minorAfter(end.talos)}: ${talos}.`,
    kubernetes === null ? null : `Kubernetes cannot go on to ${minorAfter(end.kubernetes)}: ${kubernetes}.`,
  ].filter((sentence) => sentence !== null);
  return reasons.length > 0 ? reasons : ['The versions that were asked for do not go together.'];
}

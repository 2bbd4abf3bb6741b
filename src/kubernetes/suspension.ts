// How a Flux or Argo CD object is suspended under a rollout's mark and put back as it was found, decided on the object as it was read.
import type { NeighbourKind } from '../cluster/neighbour.ts';
import type { NeighbourFound, NeighbourRestored } from '../engine/ports/neighbours.ts';
import { isPlain, type Plain, plainAt, textAt } from './estate/plain.ts';

/** Which rollout suspended the object. Written in the same patch as the suspension. */
export const suspendedByAnnotation = 'talos-chatops.dev/suspended-by';
/** What stood there before, as JSON; `null` = nothing did. */
export const suspendWasAnnotation = 'talos-chatops.dev/suspend-was';
/** Argo CD leaves alone what carries this as `true` (kubernetes.md 3.4). */
export const skipReconcileAnnotation = 'argocd.argoproj.io/skip-reconcile';

export type SuspensionDecision<T> =
  | { readonly kind: 'done'; readonly answer: T }
  | { readonly kind: 'patch'; readonly body: object; readonly answer: T };

/** What stands where the object is told to be left alone; null when nothing does. */
function suspensionIn(object: Plain, kind: NeighbourKind): unknown {
  const place = kind === 'Application' ? plainAt(object, 'metadata', 'annotations') : plainAt(object, 'spec');
  return place[kind === 'Application' ? skipReconcileAnnotation : 'suspend'] ?? null;
}

export function isSuspended(object: Plain, kind: NeighbourKind): boolean {
  const value = suspensionIn(object, kind);
  return kind === 'Application' ? value === 'true' : value === true;
}

type Values = Readonly<Record<string, unknown>>;

/** A merge patch under the version that was read; `value` absent leaves the suspension as it is, null takes it away. */
function patchOf(
  object: Plain,
  kind: NeighbourKind,
  change: { readonly marks: Values; readonly value?: unknown },
): object {
  const { marks, value } = change;
  const resourceVersion = textAt(object, 'metadata', 'resourceVersion');
  if (value === undefined) return { metadata: { resourceVersion, annotations: marks } };
  if (kind === 'Application')
    return { metadata: { resourceVersion, annotations: { ...marks, [skipReconcileAnnotation]: value } } };
  return { metadata: { resourceVersion, annotations: marks }, spec: { suspend: value } };
}

export function decideSuspend(
  object: Plain,
  kind: NeighbourKind,
  mark: string,
): SuspensionDecision<{ readonly found: NeighbourFound }> {
  const suspended = isSuspended(object, kind);
  const value = kind === 'Application' ? 'true' : true;
  if (textAt(object, 'metadata', 'annotations', suspendedByAnnotation) === mark && wasOf(object) !== null) {
    const answer = { found: 'running' } as const;
    // Somebody resumed it under our mark: it has to be left alone again, the record stays.
    return suspended
      ? { kind: 'done', answer }
      : { kind: 'patch', answer, body: patchOf(object, kind, { marks: {}, value }) };
  }
  // By a person, or by another rollout that owes its resuming: taking it over would take their debt.
  if (suspended) return { kind: 'done', answer: { found: 'suspended' } };
  const was = JSON.stringify(suspensionIn(object, kind));
  const marks = { [suspendedByAnnotation]: mark, [suspendWasAnnotation]: was };
  return { kind: 'patch', answer: { found: 'running' }, body: patchOf(object, kind, { marks, value }) };
}

export function decideResume(
  object: Plain,
  kind: NeighbourKind,
  mark: string,
): SuspensionDecision<{ readonly restored: NeighbourRestored }> {
  const was = wasOf(object);
  const theirs = textAt(object, 'metadata', 'annotations', suspendedByAnnotation);
  // Resumed already, by our own patch whose answer nobody heard or by a person: nothing is left to be put back.
  if (theirs === '' && !isSuspended(object, kind)) return { kind: 'done', answer: { restored: 'running' } };
  if (theirs !== mark || was === null) return { kind: 'done', answer: { restored: 'not-ours' } };
  const marks = { [suspendedByAnnotation]: null, [suspendWasAnnotation]: null };
  // A person put something else there meanwhile: theirs counts, only our mark goes.
  if (!isSuspended(object, kind))
    return { kind: 'patch', answer: { restored: 'by-hand' }, body: patchOf(object, kind, { marks }) };
  const body = patchOf(object, kind, { marks, value: was.value });
  return { kind: 'patch', answer: { restored: 'running' }, body };
}

/** The two writes of `decideOutdate`: something is written by at least one of them, and nothing is left behind. */
export const OUTDATING = ['null', null] as const;

/**
 * A patch that suspends may be on its way although nobody waits for it any more, and it fits for as long as nobody writes the object.
 * One that carries a mark, or is suspended, was written since.
 */
export function decideOutdate(
  object: Plain,
  kind: NeighbourKind,
  value: (typeof OUTDATING)[number],
): SuspensionDecision<null> {
  const untouched =
    textAt(object, 'metadata', 'annotations', suspendedByAnnotation) === '' && !isSuspended(object, kind);
  return untouched
    ? {
        kind: 'patch',
        answer: null,
        body: patchOf(object, kind, { marks: { [suspendWasAnnotation]: value } }),
      }
    : { kind: 'done', answer: null };
}

/** What our own record says stood there; null when the record is gone or is not one that we wrote. */
function wasOf(object: Plain): { readonly value: null | false | string } | null {
  try {
    const value: unknown = JSON.parse(textAt(object, 'metadata', 'annotations', suspendWasAnnotation));
    return value === null || value === false || (typeof value === 'string' && value !== 'true')
      ? { value }
      : null;
  } catch {
    return null;
  }
}

/** Flux marks what a Kustomization applies with its name (kubernetes.md 3.3). */
const APPLIER = 'kustomize.toolkit.fluxcd.io';

export function appliedBy(object: Plain): { readonly namespace: string; readonly name: string } | null {
  const name = textAt(object, 'metadata', 'labels', `${APPLIER}/name`);
  const namespace = textAt(object, 'metadata', 'labels', `${APPLIER}/namespace`);
  return name === '' ? null : { namespace, name };
}

export function labelsOf(object: Plain): Readonly<Record<string, string>> {
  const labels = plainAt(object, 'metadata', 'labels');
  return isPlain(labels)
    ? Object.fromEntries(
        Object.entries(labels).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
      )
    : {};
}

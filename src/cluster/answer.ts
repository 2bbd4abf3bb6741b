// An answer, or the silence of what was asked.

/** An answer, or the recorded silence of something that was asked: silence is never read as "fine". */
export type Answer<T> =
  | { readonly kind: 'said'; readonly value: T }
  | { readonly kind: 'silent'; readonly why: string };

/** Returns the answer's value, or null for silence. */
export function said<T>(answer: Answer<T> | null): T | null {
  return answer?.kind === 'said' ? answer.value : null;
}

// An answer, or the silence of what was asked.

/**
 * An answer, or the recorded silence of something that was asked: silence is never read as "fine". `refused`: it said no, so whoever was
 * asked is there, and only we are kept out.
 */
export type Answer<T> =
  | { readonly kind: 'said'; readonly value: T }
  | { readonly kind: 'silent'; readonly why: string; readonly refused?: true };

/** Returns the answer's value, or null for silence. */
export function said<T>(answer: Answer<T> | null): T | null {
  return answer?.kind === 'said' ? answer.value : null;
}

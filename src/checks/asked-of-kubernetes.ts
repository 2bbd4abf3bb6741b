// How checks read what Kubernetes was asked beside its nodes: not asked is skipped, silence is unknown, an answer is judged.
import type { EstateSubject, EstateViews } from '../cluster/estate/estate.ts';
import type { Named } from '../cluster/estate/pods.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import type { Finding } from './finding.ts';

/** One trouble: what is wrong with what, and what a person can do about it. */
export type Trouble = Pick<Finding, 'level' | 'sentence' | 'advice'> & { readonly subject?: string };

export function found(check: string, { level, subject = 'cluster', sentence, advice }: Trouble): Finding {
  return { check, level, subject, sentence, advice };
}

/** What helps wherever Kubernetes did not tell. */
export const LET_READ =
  "Let the bot reach and read this in Kubernetes, or switch the check off in the cluster's policy.";

/** The findings of one check about one subject; `judge` sees only what was answered, and gives troubles or one `ok` sentence. */
export function judged<Subject extends EstateSubject>(
  { check, subject, what }: { readonly check: string; readonly subject: Subject; readonly what: string },
  snapshot: Snapshot,
  judge: (value: EstateViews[Subject]) => readonly Trouble[] | string,
): readonly Finding[] {
  if (snapshot.estate === null) {
    return [found(check, { level: 'skipped', sentence: `Nobody was asked about ${what}.`, advice: null })];
  }
  const answer = snapshot.estate[subject];
  if (answer.kind === 'silent') {
    const sentence = `Nothing is known about ${what}: ${answer.why}`;
    const silence = { what, why: answer.why };
    return [{ ...found(check, { level: 'unknown', sentence, advice: LET_READ }), silence }];
  }
  const verdict = judge(answer.value);
  if (typeof verdict === 'string') return [found(check, { level: 'ok', sentence: verdict, advice: null })];
  return verdict.map((trouble) => found(check, trouble));
}

/** The same for what may not be installed at all: that is skipped. */
export function judgedIfThere<Subject extends EstateSubject>(
  about: { readonly check: string; readonly subject: Subject; readonly what: string },
  snapshot: Snapshot,
  judge: (value: NonNullable<EstateViews[Subject]>) => readonly Trouble[] | string,
): readonly Finding[] {
  return judged(about, snapshot, (value) => {
    if (value !== null) return judge(value);
    return [{ level: 'skipped', sentence: `${about.what} is not installed.`, advice: null }];
  });
}

/** The troubles, or the sentence that says there are none. */
export function orWell(troubles: readonly Trouble[], sentence: string): readonly Trouble[] | string {
  return troubles.length > 0 ? troubles : sentence;
}

export function fullName({ namespace, name }: Named): string {
  return `${namespace}/${name}`;
}

/** `1 pod`, `2 pods`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

// What the checks on inspected machines share: a judgement of one subject on each, and a word for those that did not tell.

import { isAdmin } from '../cluster/access.ts';
import { said } from '../cluster/answer.ts';
import { type Inspection, type Told, untold } from '../cluster/inspection.ts';
import type { NodeSnapshot, Snapshot } from '../cluster/snapshot.ts';
import type { Finding, Level } from './finding.ts';

/** What is wrong on one machine; which check and which machine, the judgement adds. */
export type Trouble = Pick<Finding, 'level' | 'sentence' | 'advice'>;

export interface Subject<T> {
  readonly check: string;
  /** Completes "<node> did not tell …". */
  readonly what: string;
  readonly pick: (inspection: Inspection) => Told<T>;
}

/** What a person can do when a machine answers, and not to everything. */
const ASK_AGAIN = 'Ask again; if it stays silent, look at the machine.';
const WRONG_ROLE = 'Give the bot a talosconfig with the role os:admin.';

/**
 * Judges a subject on each machine that answers. What is not there, and what an older Talos does not know, is no trouble; what
 * should have been told and was not is unknown, and so is everything when no machine answers.
 */
export function perInspection<T>(
  snapshot: Snapshot,
  { check, what, pick }: Subject<T>,
  judge: (value: T, node: NodeSnapshot) => readonly Trouble[],
): readonly Finding[] {
  if (noneAnswers(snapshot)) return [nobodyTold(check, what)];
  return snapshot.nodes.flatMap((node): readonly Finding[] => {
    if (node.machine.kind === 'silent') return [];
    const inspection = said(node.inspection);
    const told: Told<T> = inspection === null ? { kind: 'silent', why: silenceOf(node) } : pick(inspection);
    const why = untold(told);
    if (why !== null) {
      const sentence = `${node.name} did not tell ${what}: ${why}`;
      const advice = told.kind === 'denied' ? WRONG_ROLE : ASK_AGAIN;
      return [{ check, level: levelOf(told, snapshot), subject: node.name, sentence, advice }];
    }
    if (told.kind !== 'said') return [];
    return judge(told.value, node).map((trouble) => ({ check, subject: node.name, ...trouble }));
  });
}

/** What our role may not read is told once for all of it by access-role, which stops everything; a machine that claims otherwise is not. */
function levelOf(told: Told<unknown>, { access }: Snapshot): Level {
  return told.kind === 'denied' && access !== undefined && !isAdmin(access) ? 'warning' : 'unknown';
}

/** Then whatever is said of every machine that answers would be true, and nothing is known. */
export function noneAnswers({ nodes }: Snapshot): boolean {
  return nodes.every(({ machine }) => machine.kind === 'silent');
}

const NOBODY_ANSWERS = 'No machine answers its Talos API.';

/** Said once for all checks that ask machines: their silences are one trouble to read. */
export function nobodyTold(check: string, what: string): Finding {
  const sentence = `No machine told ${what}, because none answers its Talos API.`;
  const advice =
    'Check the talosconfig: its endpoints must be control-plane machines that the bot can reach.';
  const silence = { what, why: NOBODY_ANSWERS };
  return { check, level: 'unknown', subject: 'cluster', sentence, advice, silence };
}

function silenceOf({ inspection }: NodeSnapshot): string {
  return inspection?.kind === 'silent' ? inspection.why : 'it was not asked.';
}

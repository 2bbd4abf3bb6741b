// Raises a stored fact of any version this program ever wrote to the present one; refuses what it does not know.
import { blocks } from '../../checks/finding.ts';
import type { EventKind, RolloutEvent } from '../event.ts';
import { type Lane, lanesOf, type Plan } from '../plan.ts';
import { FACTS } from './fact-shape.ts';
import type { Flaw } from './shape.ts';

/** Newest schema version this program reads and writes. */
export const EVENT_VERSION = 2;

/**
 * The oldest version that understands this fact: what a program without overrides may read too is written so that it can. A plan with
 * findings that stop it is none of that, because such a program would start it; nor is one with lanes it does not know, or with
 * steps that say how to restart, which it would leave out of the call.
 */
export function versionOf(event: RolloutEvent): number {
  switch (event.kind) {
    case 'overridden':
    case 'handed-over':
    case 'step-slow':
    case 'step-outdated':
    case 'soak-shortened':
    case 'drain-blocked':
    case 'drain-cleared':
    case 'drain-proposed':
    case 'drain-decided':
      return 2;
    case 'asked':
      return event.goal.kind === 'finish-node' || event.goal.kind === 'disarm-node' ? 2 : 1;
    case 'planned':
      return event.findings.some(blocks) || lanesOf(event.plan).some(isNewLane) || inBatches(event.plan)
        ? 2
        : 1;
    default:
      return 1;
  }
}

/** It would take them for lanes that may go in any company. */
function inBatches({ stages }: Plan): boolean {
  return stages.some(({ batches }) => batches !== undefined);
}

/** About no node, so of a kind it does not know; or with a gate whose proof, or a step whose manner of restarting it does not. */
function isNewLane({ gate, role, steps }: Lane): boolean {
  const unknownProof = gate?.proof === 'outage' || gate?.proof === 'dead';
  return role === null || unknownProof || steps.some(({ params }) => 'stage' in params || 'mode' in params);
}

/** A fact as it was stored: kind and data apart, `v` the version of its schema. */
export interface StoredFact {
  readonly v: unknown;
  readonly kind: unknown;
  readonly data: unknown;
}

/** Written by a newer version of this program: an older one must not act on a journal it cannot read in full. */
export class JournalNewer extends Error {
  override readonly name = 'JournalNewer';
}

/** Written by no version of this program. */
export class JournalMalformed extends Error {
  override readonly name = 'JournalMalformed';
}

/**
 * Returns the fact as the present version knows it. Throws JournalNewer for a version or kind of the future, and
 * JournalMalformed for anything else that is not exactly a fact. Older versions get their rule here, beside a golden journal.
 */
export function lift({ v, kind, data }: StoredFact): RolloutEvent {
  if (typeof v !== 'number' || !Number.isInteger(v) || v < 1)
    throw new JournalMalformed(`${shown(v)} is no schema version`);
  if (v > EVENT_VERSION)
    throw new JournalNewer(
      `it has schema version ${v} and this version of the bot reads up to ${EVENT_VERSION}`,
    );
  // An unknown kind of a known version can only come from a newer release that added one.
  if (typeof kind !== 'string') throw new JournalMalformed(`${shown(kind)} is no kind of fact`);
  if (!isKind(kind)) throw new JournalNewer(`its kind ${shown(kind)} is unknown to this version of the bot`);
  if (typeof data !== 'object' || data === null || Array.isArray(data) || 'kind' in data)
    throw new JournalMalformed(`the data of its ${kind} is no data`);
  const flaw = FACTS[kind](data);
  if (flaw !== null) throw new JournalMalformed(sentenceOf(kind, flaw));
  // The one cast: each field was just found to be what its kind holds.
  return { kind, ...data } as RolloutEvent;
}

/** Half a sentence about an entry. */
function sentenceOf(kind: EventKind, { at, found, expected }: Flaw): string {
  if (found === undefined) return `its ${kind} lacks ${at}`;
  return `the ${at} of its ${kind} is ${shown(found)} and not ${expected}`;
}

function isKind(kind: string): kind is EventKind {
  return Object.hasOwn(FACTS, kind);
}

/** A foreign value in a sentence: short, and visibly not our words. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}

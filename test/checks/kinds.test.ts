// Every check has rows in which it is well, in which it is not, and in which nobody can say.
import { describe, expect, it } from 'vitest';
import { CHECKS, type CheckName } from '../../src/checks/catalogue.ts';
import { type Level, worstFirst } from '../../src/checks/finding.ts';
import { FOUND } from './found.ts';
import { PLANNED_ROWS } from './planned-rows.ts';

type Kind = 'ok' | 'bad' | 'unknown';
const KINDS: readonly Kind[] = ['ok', 'bad', 'unknown'];

/** What a check can never be, and why not. A kind that is named here and has a row all the same is an error. */
const NEVER: Readonly<Partial<Record<CheckName, Readonly<Partial<Record<Kind, string>>>>>> = {
  'machine-answers': { bad: 'who does not answer is unknown, whatever the reason' },
  'etcd-snapshot': { unknown: 'whether there is an archive stands in our own configuration' },
  'etcd-copy': { unknown: 'whether there is an archive stands in our own configuration' },
  'reboot-mode': { unknown: 'which modes a version knows is in our own table' },
  staged: {
    ok: 'it says what a staged upgrade means, of one that is not staged nothing',
    unknown: 'it follows from the versions, of which legal-hop says when they are none',
  },
  'rollback-target': { unknown: 'without a record it warns: a rollback must not wait for a book-keeper' },
  'machine-armed': {
    ok: 'what nobody left is not spoken of; test/rollout/leftover.test.ts has what was settled',
    unknown: 'it is our own journal that tells; of a silent machine machine-answers speaks',
  },
  'machine-in-doubt': {
    ok: 'what nobody left is not spoken of; test/rollout/leftover.test.ts has what was settled',
    unknown: 'the doubt is the finding, and it stops',
  },
  'node-away': {
    ok: 'what nobody left is not spoken of; test/rollout/leftover.test.ts has what was settled',
    unknown: 'a node of which nobody tells is away',
  },
  canary: { unknown: 'where nobody tells what runs where, the first by name is the canary' },
  batches: { unknown: 'what is not told keeps nodes apart, which is a blocker of the batch' },
};

function kindOf(level: Level): Kind | null {
  if (level === 'skipped') return null;
  return level === 'blocker' || level === 'warning' ? 'bad' : level;
}

const SHOWN = Map.groupBy(
  FOUND.flatMap((findings) => worstFirst(findings).slice(0, 1)),
  ({ check }) => check,
);

describe('the rows of a check', () => {
  it.each(Object.keys(CHECKS) as CheckName[])('%s are of all kinds it can be', (check) => {
    const shown = new Set((SHOWN.get(check) ?? []).flatMap(({ level }) => kindOf(level) ?? []));
    const wanted = KINDS.filter((kind) => NEVER[check]?.[kind] === undefined);
    expect(KINDS.filter((kind) => shown.has(kind))).toEqual(wanted);
  });

  it.each(PLANNED_ROWS)('$check: $what → $level', ({ findings, level }) => {
    expect(worstFirst(findings())[0]?.level).toBe(level);
  });
});

// What people read of steps that are about no node: the backup, and neighbours that are suspended and resumed.
import { type Stage, stepsOf } from '../../rollout/plan.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import type { Step, StepFacts, StepKind } from '../../rollout/step.ts';
import { code, joined, type Mrkdwn, mrkdwn, plainWords } from './text.ts';

/** Neighbours named in one line; the others are counted. */
const MAX_NAMED = 20;

const REASONS: Readonly<Partial<Record<StepKind, string>>> = {
  backup: ': before anything is touched. One that fails in part is asked about',
  suspend: ': one found suspended is left so',
  resume: ': as they were found. After an abort too, and after a crash',
};

/** Why a stage about no node is there; null for every other stage. */
export function besideReason(stage: Stage): string | null {
  const [step] = stage.lanes.flatMap((lane) => lane.steps);
  return (step !== undefined && REASONS[step.kind]) || null;
}

/** What the backup will hold; null for every other stage. */
export function backupScope(stage: Stage): Mrkdwn | null {
  const step = stage.lanes.flatMap((lane) => lane.steps).find(({ kind }) => kind === 'backup');
  if (step === undefined) return null;
  const included = textOf(step.params, 'included');
  const excluded = textOf(step.params, 'excluded');
  const what = included === '*' ? 'all namespaces' : `namespaces ${included.replaceAll(',', ', ')}`;
  const without = excluded === '' ? '' : ` without ${excluded.replaceAll(',', ', ')}`;
  const volumes = step.params['fsBackup'] === true ? ', volumes file by file' : '';
  return mrkdwn`${plainWords(`${what}${without}${volumes}`, 300)}`;
}

/** What retrying such a step means; null for every other step. */
export function besideRetry(kind: StepKind | undefined): string | null {
  if (kind === 'soak') return 'asks again what must hold at the end of the soak';
  return kind === 'backup' ? 'has another backup made' : null;
}

/** How backup and neighbours ended, for the summary. */
export function besideLines(rollout: Rollout): readonly Mrkdwn[] {
  const ended = (kind: StepKind): readonly { readonly step: Step; readonly result: StepFacts }[] =>
    (rollout.plan === null ? [] : stepsOf(rollout.plan)).flatMap((step) => {
      const state = stepState(rollout, step.id);
      return step.kind === kind && state.state === 'ended' ? [{ step, result: state.result }] : [];
    });
  const resumed = ended('resume');
  const of = (restored: string): readonly string[] =>
    resumed.filter(({ result }) => result['restored'] === restored).map(({ step }) => step.node);
  return [
    ...ended('backup').map(({ result }) => backupLine(result)),
    ...namedLine('Resumed as found:', of('running')),
    ...namedLine('Left suspended, as found:', of('left')),
    ...namedLine('Resumed by somebody else meanwhile:', of('by-hand')),
    ...namedLine('No more there to be resumed:', of('gone')),
    ...of('not-ours').map(
      (node) =>
        mrkdwn`:warning: ${code(node)} was suspended by this rollout and does not carry its mark any more: it was left as it is`,
    ),
  ];
}

function backupLine(result: StepFacts): Mrkdwn {
  const { items, warnings } = result;
  const figures = [
    ...(typeof items === 'number' ? [`${items} items`] : []),
    ...(typeof warnings === 'number' && warnings > 0
      ? [`${warnings} warning${warnings === 1 ? '' : 's'}`]
      : []),
    ...(result['found'] === true ? ['made before, and fresh enough'] : []),
  ];
  return mrkdwn`Velero backup: ${code(textOf(result, 'name'))}${figures.length === 0 ? '' : ` (${figures.join(', ')})`}`;
}

function namedLine(what: string, names: readonly string[]): readonly Mrkdwn[] {
  if (names.length === 0) return [];
  const hidden = names.length - MAX_NAMED;
  const shown = joined(
    names.slice(0, MAX_NAMED).map((name) => code(name)),
    ' ',
  );
  return [mrkdwn`${what} ${shown}${hidden > 0 ? ` and ${hidden} more` : ''}`];
}

function textOf(facts: StepFacts, name: string): string {
  const value = facts[name];
  return typeof value === 'string' ? value : '';
}

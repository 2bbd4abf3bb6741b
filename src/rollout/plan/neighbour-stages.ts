// Others who keep applying things are left alone for the time of a rollout: suspended before it, resumed after it as they were found.
import type { Finding } from '../../checks/finding.ts';
import type { Answer } from '../../cluster/answer.ts';
import { listed } from '../../cluster/listed.ts';
import {
  applierOf,
  chosenNeighbours,
  type Neighbour,
  type NeighbourPolicy,
  type NeighbourSeen,
  neighbourText,
} from '../../cluster/neighbour.ts';
import type { Lane, Stage } from '../plan.ts';
import type { LaneDraft } from './lanes.ts';

/** Objects asked about at a time: each is two short calls, and nobody waits for them. */
const WIDTH = 5;
/** More than these are no longer chosen but everything: each is a step of its own, on the card and in the journal. */
export const MAX_NEIGHBOURS = 100;

const CHECK = 'neighbours';

/** What the policy chooses of what was seen; nobody when it could not be seen, which is then a finding. */
export function neighboursChosen(
  policy: NeighbourPolicy | undefined,
  seen: Answer<readonly NeighbourSeen[]> | undefined,
): readonly NeighbourSeen[] {
  if (policy === undefined || seen?.kind !== 'said') return [];
  return chosenNeighbours(seen.value, policy);
}

/** `seen` is absent when the policy chooses nobody, so nobody was asked. */
export function neighbourFindings(
  chosen: readonly NeighbourSeen[],
  seen: Answer<readonly NeighbourSeen[]> | undefined,
): readonly Finding[] {
  if (seen === undefined) return [];
  const finding = (level: Finding['level'], sentence: string, advice: string | null): Finding => ({
    check: CHECK,
    level,
    subject: 'neighbours',
    sentence,
    advice,
  });
  if (seen.kind === 'silent')
    return [finding('unknown', `Whom to suspend is not known: ${seen.why}`, 'Ask again when it answers.')];
  if (chosen.length === 0) {
    const advice = 'Look at `neighbours` in the configuration: nothing in the cluster matches it.';
    return [finding('warning', 'The policy chooses neighbours to suspend, and none was found.', advice)];
  }
  if (chosen.length > MAX_NEIGHBOURS) {
    const sentence = `The policy chooses ${chosen.length} neighbours to suspend; more than ${MAX_NEIGHBOURS} are not.`;
    const advice = 'Choose the Kustomizations or Applications that apply the others.';
    return [finding('blocker', sentence, advice)];
  }
  return [
    finding('ok', `${willBe(chosen)} and resumed as found at the end, after an abort too.`, null),
    ...orphans(chosen, seen.value).map(([child, parent]) =>
      finding(
        'warning',
        `${neighbourText(child)} is applied by ${neighbourText(parent)}, which is not suspended and may resume it meanwhile.`,
        `Choose ${neighbourText(parent)} as well.`,
      ),
    ),
  ];
}

function willBe(chosen: readonly NeighbourSeen[]): string {
  const running = chosen.filter(({ suspended }) => !suspended);
  const left = chosen.length - running.length;
  const others = left === 0 ? '' : ` (${left} suspended already ${left === 1 ? 'is' : 'are'} left so)`;
  if (running.length === 0) return `No neighbour has to be suspended${others}`;
  const named = listed(running.map(neighbourText));
  return `${named} ${running.length === 1 ? 'is' : 'are'} suspended${others}`;
}

/** Chosen ones whose applier is there, is at work, and is not chosen. */
function orphans(
  chosen: readonly NeighbourSeen[],
  all: readonly NeighbourSeen[],
): readonly (readonly [NeighbourSeen, NeighbourSeen])[] {
  return chosen.flatMap((child) => {
    const parent = applierOf(child, all);
    return parent === null || parent.suspended || chosen.includes(parent) ? [] : [[child, parent] as const];
  });
}

export function suspendDraft(neighbour: Neighbour): LaneDraft {
  return draftOf(neighbour, 'suspend');
}

export function resumeDraft(neighbour: Neighbour): LaneDraft {
  return draftOf(neighbour, 'resume');
}

function draftOf(neighbour: Neighbour, kind: 'suspend' | 'resume'): LaneDraft {
  const { kind: object, namespace, name } = neighbour;
  return {
    node: neighbourText(neighbour),
    role: null,
    steps: [{ kind, params: { object, namespace, name } }],
  };
}

export function suspendStage(lanes: readonly Lane[]): Stage {
  return { id: 'suspend', title: 'Suspend neighbours', width: WIDTH, lanes };
}

export function resumeStage(lanes: readonly Lane[]): Stage {
  return { id: 'resume', title: 'Resume neighbours', width: WIDTH, lanes };
}

/** Every suspended neighbour owes its own resuming, which stands in the last stage. */
export function owing(stages: readonly Stage[]): readonly Stage[] {
  const resuming = stages.flatMap(({ lanes }) => lanes.flatMap(({ steps }) => steps)).filter(isResume);
  const paying = new Map(resuming.map((step) => [step.node, step.id]));
  return stages.map((stage) => ({
    ...stage,
    lanes: stage.lanes.map((lane) => ({
      ...lane,
      steps: lane.steps.map((step) =>
        step.kind === 'suspend' ? { ...step, owes: paying.get(step.node) ?? null } : step,
      ),
    })),
  }));
}

function isResume({ kind }: Lane['steps'][number]): boolean {
  return kind === 'resume';
}

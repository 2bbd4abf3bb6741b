// Tells a neighbour to leave the cluster alone, and puts it back as it was found. Both only under our own mark, so both may be repeated.
import type { Neighbour, NeighbourKind } from '../../cluster/neighbour.ts';
import { stepsOn } from '../../rollout/plan.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import type { Step } from '../../rollout/step.ts';
import { Fault } from '../ports/fault.ts';
import type { NeighbourRestored, Neighbours } from '../ports/neighbours.ts';
import { type SubjectContext, type SubjectFactory, textParam } from './doer.ts';
import { isUnseen } from './unseen.ts';

const NO_EVIDENCE = {};

export const suspend: SubjectFactory = (context) => ({
  observe: async () => null,
  capture: async () => NO_EVIDENCE,
  act: async () => {
    const { rollout, step, note, may } = context;
    note('suspending');
    const { found } = await neighboursOf(context).suspend(neighbourOf(step), rollout.id, { may });
    return { kind: 'ended', result: { found } };
  },
  settle: async () => ({ kind: 'waiting', why: 'it to be suspended' }),
});

export const resume: SubjectFactory = (context) => ({
  observe: async () => null,
  capture: async () => NO_EVIDENCE,
  act: async () => {
    const { rollout, step, note } = context;
    note('resuming');
    const restored = await restoredBy(context);
    const left = restored === 'not-ours' && foundSuspended(rollout, step);
    return { kind: 'ended', result: { restored: left ? 'left' : restored } };
  },
  settle: async () => ({ kind: 'waiting', why: 'it to be resumed' }),
});

/** What nobody suspended may be gone with its kind: then nobody waits for that to come back. Throws Fault. */
async function restoredBy(context: SubjectContext): Promise<NeighbourRestored> {
  const { rollout, step, may } = context;
  const unseen = isUnseen(context);
  try {
    return (await neighboursOf(context).resume(neighbourOf(step), rollout.id, { may, unseen })).restored;
  } catch (error) {
    const kindAway = error instanceof Fault && error.kind === 'busy' && error.code === '404';
    const found = foundBy(rollout, step);
    if (kindAway && found !== null && found !== 'running') return 'gone';
    throw error;
  }
}

/** It carries no mark because it was suspended before us, or never became so: then there is nothing to put back. */
function foundSuspended(rollout: Rollout, step: Step): boolean {
  return foundBy(rollout, step) !== 'running';
}

/** How it was found when it was suspended; null when nobody wrote that down, which does not mean that nobody suspended it. */
function foundBy(rollout: Rollout, { node }: Step): unknown {
  const steps = rollout.plan === null ? [] : stepsOn(rollout.plan, node);
  const before = steps.find(({ kind }) => kind === 'suspend');
  const state = before === undefined ? null : stepState(rollout, before.id);
  return state?.state === 'ended' ? (state.result['found'] ?? null) : null;
}

function neighboursOf({ neighbours, step }: SubjectContext): Neighbours {
  if (neighbours !== undefined) return neighbours;
  throw new Fault('refused', `Kubernetes is not asked about ${step.node}, so it cannot be told anything.`);
}

const KINDS: readonly NeighbourKind[] = ['Kustomization', 'HelmRelease', 'Application'];

function neighbourOf(step: Step): Neighbour {
  const object = textParam(step, 'object');
  const kind = KINDS.find((one) => one === object);
  if (kind === undefined) throw new Error(`step ${step.id} is about the unknown kind ${object}`);
  return { kind, namespace: textParam(step, 'namespace'), name: textParam(step, 'name') };
}

// Steps on the Kubernetes side and on images: pull, cordon, uncordon, and handing etcd leadership over.
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import type { Step } from '../../rollout/step.ts';
import type { CordonFound, CordonOptions, Workloads } from '../ports/workloads.ts';
import { type StepContext, type StepFactory, textParam } from './doer.ts';
import { ofThisGeneration } from './generation.ts';
import { isUnseen } from './unseen.ts';

const NO_EVIDENCE = {};

type CordonAct = Pick<StepContext, 'rollout' | 'step' | 'may'>;

export const pull: StepFactory = ({ step, node, machines, note, signal }) => ({
  observe: async () => null,
  capture: async () => NO_EVIDENCE,
  act: async (_evidence, over) => {
    const pulled = machines.pull(node.address, textParam(step, 'image'), {
      onProgress: ({ doneBytes, totalBytes }) =>
        note(totalBytes > 0 ? `pulling ${share(doneBytes, totalBytes)}` : 'pulling'),
      signal: AbortSignal.any([signal, over]),
    });
    const { reference } = await ofThisGeneration(node, pulled);
    return { kind: 'ended', result: { reference } };
  },
  settle: async () => ({ kind: 'waiting', why: 'the image to be pulled again' }),
});

function share(done: number, total: number): string {
  return `${Math.min(100, Math.floor((100 * done) / total))} %`;
}

export const cordon: StepFactory = ({ rollout, step, node, workloads, note, may }) => ({
  observe: async () => null,
  capture: async () => NO_EVIDENCE,
  act: async () => {
    note('cordoning');
    const options = cordonOptions({ rollout, step, may });
    return { kind: 'ended', result: { ...(await workloads.cordon(node.name, rollout.id, options)) } };
  },
  settle: async () => ({ kind: 'waiting', why: 'the cordon' }),
});

/** With which the node of this cordon is cordoned, for the first time or again. */
export function cordonOptions({ rollout, step, may }: CordonAct): CordonOptions {
  const first = firstFound(rollout, step);
  return { may, ...(first === null ? {} : { first }) };
}

/** How the first cordon found the node; null when none has ended, or that one found it under the mark of another rollout. */
function firstFound(rollout: Rollout, { id }: Step): CordonFound | null {
  const state = stepState(rollout, id);
  const { found, by } = rollout.firstEnds.get(id) ?? (state.state === 'ended' ? state.result : {});
  return by === undefined && (found === 'cordoned' || found === 'schedulable') ? found : null;
}

export const uncordon: StepFactory = ({ rollout, step, node, workloads, note, may }) => ({
  observe: async () => null,
  capture: async () => NO_EVIDENCE,
  act: async () => {
    note('restoring its schedule');
    const unseen = isUnseen({ rollout, step });
    const { restored } = await workloads.uncordon(node.name, rollout.id, { may, unseen });
    // Put back already, by our own patch whose answer nobody heard or by a person: nothing is left that anybody should look at.
    const inService = restored === 'not-ours' && (await isInService(workloads, node.name));
    return { kind: 'ended', result: { restored: inService ? 'schedulable' : restored } };
  },
  settle: async () => ({ kind: 'waiting', why: 'the uncordon' }),
});

async function isInService(workloads: Workloads, node: string): Promise<boolean> {
  const seen = (await workloads.nodes()).find(({ name }) => name === node);
  return seen !== undefined && seen.cordonedBy === null && !seen.unschedulable;
}

export const forfeit: StepFactory = ({ node, machines, note, may }) => {
  const leads = async (): Promise<boolean> => {
    const view = await machines.etcd(node.address);
    return view.leaderId === null || view.leaderId === view.memberId;
  };
  return {
    observe: async () => ((await leads()) ? null : { handedTo: null }),
    capture: async () => NO_EVIDENCE,
    act: async () => {
      note('handing over etcd leadership');
      await machines.forfeitLeadership(node.address, may);
      return { kind: 'sent' };
    },
    settle: async () =>
      (await leads())
        ? { kind: 'waiting', why: 'another member to lead etcd' }
        : { kind: 'ended', result: { handedTo: 'another member' } },
  };
};

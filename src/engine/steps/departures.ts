// The acts after which a node is away: reboot, rollback, and the legacy upgrade that does everything in one call. Sent once each.
import type { ActReply } from '../ports/fault.ts';
import { type Doer, type StepContext, type StepFactory, textParam } from './doer.ts';
import { seen } from './seen.ts';
import { runsTarget } from './target.ts';

/** Seen from outside the three are the same: a boot id before, the call, and another boot id after. */
function departure(context: StepContext, act: () => Promise<ActReply<unknown>>): Doer {
  const { rollout, step, node, machines, note, signal } = context;
  return {
    observe: async () => {
      const machine = await machines.look(node.address, { signal });
      // An earlier call in doubt that did restart the machine is not sent again: a rollback sent twice goes forward again.
      const doubted = rollout.doubts.get(step.id)?.['bootId'];
      if (typeof doubted === 'string' && machine.bootId !== doubted)
        return { bootId: machine.bootId, previousBootId: doubted };
      return runsTarget(step, machine) ? { bootId: machine.bootId, previousBootId: null } : null;
    },
    capture: async () => {
      const machine = await machines.look(node.address, { signal });
      return { bootId: machine.bootId, version: machine.version };
    },
    act: async () => {
      const reply = await act();
      if (reply.kind === 'refused') return { kind: 'failed', why: reply.fault.message };
      if (reply.kind === 'withdrawn') return { kind: 'withdrawn', why: reply.fault.message };
      note('restarting');
      return { kind: 'sent' };
    },
    settle: async (evidence) => {
      const machine = await seen(context);
      // It went away and something else answers in its place: it restarted, and what came up is judged by the next step.
      if (machine === 'stranger')
        return { kind: 'ended', result: { bootId: null, previousBootId: evidence['bootId'] ?? null } };
      if (machine.bootId === evidence['bootId']) return { kind: 'waiting', why: `${node.name} to restart` };
      return {
        kind: 'ended',
        result: { bootId: machine.bootId, previousBootId: evidence['bootId'] ?? null },
      };
    },
  };
}

export const reboot: StepFactory = (context) =>
  departure(context, () => context.machines.reboot(context.node.address));

export const rollback: StepFactory = (context) =>
  departure(context, () => context.machines.rollback(context.node.address));

export const upgradeLegacy: StepFactory = (context) =>
  departure(context, () =>
    context.machines.upgradeLegacy(context.node.address, {
      image: textParam(context.step, 'image'),
      preserve: context.step.params['preserve'] === true,
    }),
  );

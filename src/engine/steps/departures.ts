// The acts after which a node is away: reboot, rollback, and the legacy upgrade that does everything in one call. Sent once each.
import type { MachineView } from '../../cluster/snapshot.ts';
import { rebootModeOf, type StepFacts, type StepValue } from '../../rollout/step.ts';
import { answer } from '../patience.ts';
import { type ActReply, Fault } from '../ports/fault.ts';
import type { Arrival, ToldFailure } from '../ports/machines.ts';
import { itself, requireArmed, requireIdle, stillInBoot } from './armed.ts';
import { requireBootId } from './boot-id.ts';
import { type Doer, type StepContext, type StepFactory, textParam } from './doer.ts';
import { seen } from './seen.ts';
import { runsTarget } from './target.ts';

/** Seen from outside the three are the same: a boot id before, the call, and another boot id after. */
function departure(context: StepContext, act: (evidence: StepFacts) => Promise<ActReply<unknown>>): Doer {
  const { rollout, step, node, machines, note, signal } = context;
  const told = new Told();
  return {
    observe: async () => {
      const machine = await machines.look(node.address, { signal });
      // An earlier call in doubt that did restart the machine is not sent again: a rollback sent twice goes forward again.
      const doubted = rollout.doubts.get(step.id)?.['bootId'];
      if (typeof doubted === 'string' && requireBootId(machine, node.name) !== doubted) {
        if (isBetween(context, machine)) throw new Fault('busy', `${node.name} is between its two restarts`);
        return { bootId: machine.bootId, previousBootId: doubted };
      }
      if (runsTarget(step, machine) && !stillInBoot(step, machine))
        return { bootId: machine.bootId, previousBootId: null, ...itself(context, machine) };
      const found = requireArmed(context, machine);
      if (found === null) await requireIdle(context);
      return found;
    },
    capture: async () => {
      const machine = await machines.look(node.address, { signal });
      return { bootId: requireBootId(machine, node.name), version: machine.version };
    },
    act: async (evidence) => {
      const reply = await act(evidence);
      if (reply.kind === 'refused') return { kind: 'failed', why: reply.fault.message };
      if (reply.kind === 'withdrawn') return { kind: 'withdrawn', why: reply.fault.message };
      if (reply.kind === 'done') told.actorId = actorIn(reply.value);
      note('restarting');
      return { kind: reply.kind === 'done' ? 'sent' : 'lost' };
    },
    heard: (sentence, failure) => told.hear(sentence, failure),
    settle: async (evidence) => {
      const { bootId: previous = null } = evidence;
      const machine = await seen(context);
      // It went away and something else answers in its place: it restarted, and what came up is judged by the next step.
      if (machine === 'stranger')
        return { kind: 'ended', result: { bootId: null, previousBootId: previous, ...told.facts } };
      // Our role may have been changed meanwhile: a boot that is not told is no other boot.
      if (machine.bootId === '' || machine.bootId === previous)
        return { kind: 'waiting', why: `${node.name} to restart${told.remark}` };
      if (isBetween(context, machine))
        return { kind: 'waiting', why: `${node.name} to install and to restart once more${told.remark}` };
      return {
        kind: 'ended',
        result: { bootId: machine.bootId, previousBootId: previous, ...told.facts },
      };
    },
  };
}

/**
 * In the first of the two boots of a staged upgrade: Talos installs before it starts anything, and restarts when that has ended,
 * well or not. So only an old version that is RUNNING says that no second restart will come (docs/decisions/0015).
 */
function isBetween({ step }: StepContext, machine: MachineView): boolean {
  return step.params['stage'] === true && machine.stage !== 'running' && !runsTarget(step, machine);
}

/** What the machine said of the sequence our call started: it is told, and decides nothing. */
class Told {
  actorId = '';
  #said: { readonly sentence: string; readonly failure: ToldFailure } | null = null;

  hear(sentence: string, failure: ToldFailure): void {
    this.#said = { sentence, failure };
  }

  /** Of a failure that names another call nothing is told; of a locked machine Talos names none. */
  get #ours(): string | null {
    if (this.#said === null) return null;
    const { sentence, failure } = this.#said;
    const nobodys = failure.kind === 'locked' && failure.actorId === '';
    return nobodys || failure.actorId === this.actorId ? sentence : null;
  }

  get remark(): string {
    return this.#ours === null ? '' : ` (the machine reported: ${this.#ours})`;
  }

  get facts(): { readonly reported?: string } {
    return this.#ours === null ? {} : { reported: this.#ours };
  }
}

function actorIn(value: unknown): string {
  const named = typeof value === 'object' && value !== null && 'actorId' in value ? value.actorId : '';
  return typeof named === 'string' ? named : '';
}

export const reboot: StepFactory = (context) =>
  departure(context, () =>
    context.machines.reboot(context.node.address, rebootModeOf(context.step), context.may),
  );

/**
 * The call turns the default boot entry, answers, and restarts. Sent again in the same boot it would turn the entry back, so one that was
 * in doubt is sent again only when the machine's log of this boot shows that the first never arrived. Else a plain restart follows: it
 * boots whichever entry is the default, and the next step judges what came up.
 */
export const rollback: StepFactory = (context) => {
  const { rollout, step, node, machines, may, clock } = context;
  const doubted = rollout.doubts.get(step.id);
  const doer = departure(context, async ({ bootId, former }) => {
    const again = typeof doubted?.['bootId'] === 'string' && doubted['bootId'] === bootId;
    return again && former !== 'never-arrived'
      ? machines.reboot(node.address, 'default', may)
      : machines.rollback(node.address, may);
  });
  // Of a second try the first one's time: what is asked about is whether any of them arrived.
  const since = doubted?.['since'] ?? clock.now();
  return {
    ...doer,
    // Before the proof is made again, because a log takes long to be told; the first one's flight is over by then.
    capture: async () => {
      const former = doubted === undefined ? {} : { former: await arrivalOf(context, doubted['since']) };
      return { ...(await doer.capture()), since, ...former };
    },
  };
};

/** What became of the call before. A log that is not told proves nothing, nor does one that begins after it. */
async function arrivalOf(
  { machines, node, signal }: StepContext,
  since: StepValue | undefined,
): Promise<Arrival> {
  if (typeof since !== 'number') return 'unknown';
  const told = await answer(machines.rollbackArrived(node.address, since, { signal }));
  return told.kind === 'said' ? told.value : 'unknown';
}

export const upgradeLegacy: StepFactory = (context) =>
  departure(context, async ({ bootId: previous = null }) => {
    const { step, node, machines } = context;
    const rebootMode = rebootModeOf(step);
    if (rebootMode === 'force')
      throw new Error(`step ${step.id} asks for a restart that its call does not know`);
    const image = textParam(step, 'image');
    const { preserve, stage } = step.params;
    const answered = new AbortController();
    const over = new AbortController();
    void restarted(context, previous, answered.signal).then((gone) => gone && over.abort());
    try {
      return await machines.upgradeLegacy(node.address, {
        image,
        preserve: preserve === true,
        stage: stage === true,
        rebootMode,
        over: over.signal,
        may: context.may,
      });
    } finally {
      answered.abort();
    }
  });

/**
 * Milliseconds between two looks at a machine whose upgrade was not answered yet. The call may take 25 minutes, and its reply can
 * get lost without a sound when the machine restarts (talos-api.md 9.7).
 */
const RESTART_LOOK_MS = 5_000;

/** True when the machine was seen in another boot before `answered`; the call's own deadline bounds it. Never rejects. */
async function restarted(context: StepContext, previous: StepValue, answered: AbortSignal): Promise<boolean> {
  const { clock, signal } = context;
  const over = AbortSignal.any([answered, signal]);
  for (;;) {
    await clock.sleep(RESTART_LOOK_MS, over);
    if (over.aborted) return false;
    const machine = await seen({ ...context, signal: over }).catch(() => null);
    if (machine === 'stranger') return true;
    if (machine !== null && machine.bootId !== '' && machine.bootId !== previous) return true;
  }
}

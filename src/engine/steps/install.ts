// Writes the new system to disk without restarting (Talos >= 1.13). Sent once; its end is in band, or settled by evidence.
import type { PlannedNode } from '../../rollout/plan.ts';
import type { StepFacts } from '../../rollout/step.ts';
import { Fault } from '../ports/fault.ts';
import type { InstallOutcome, Machines } from '../ports/machines.ts';
import { within } from '../within.ts';
import { requireBootId } from './boot-id.ts';
import { type StepFactory, textParam } from './doer.ts';
import { generationFault, ofThisGeneration } from './generation.ts';
import { runsTarget } from './target.ts';

export const install: StepFactory = ({ rollout, step, node, machines, clock, note, signal, may }) => ({
  observe: async () => {
    const machine = await machines.look(node.address);
    if (runsTarget(step, machine)) return { alreadyRuns: machine.version };
    const doubted = rollout.doubts.get(step.id);
    const since = doubted?.['since'];
    // It restarted since and runs the old system, so nothing that we installed waits for its first boot.
    const restarted =
      typeof doubted?.['bootId'] === 'string' && doubted['bootId'] !== requireBootId(machine, node.name);
    if (typeof since === 'number' && !restarted) {
      const ended = endOf(await machines.installOutcome(node.address, since), machine.bootId);
      if (ended !== null) return ended;
    }
    await refuseArmed(machines, node);
    return null;
  },
  capture: async () => {
    // An image that nothing refers to is collected after an hour, and a drain or a hold may have lasted longer: a no-op when it is there.
    const pulled = within(clock, step.limitMs, (over) =>
      machines.pull(node.address, textParam(step, 'image'), {
        onProgress: () => note('pulling'),
        signal: AbortSignal.any([signal, over]),
      }),
    );
    await ofThisGeneration(node, pulled);
    // A pull may take minutes, in which somebody else may have installed.
    await refuseArmed(machines, node);
    const machine = await machines.look(node.address);
    return { since: clock.now(), bootId: requireBootId(machine, node.name) };
  },
  act: async ({ bootId }) => {
    const reply = await machines.install(node.address, textParam(step, 'image'), (line) => note(line), may);
    switch (reply.kind) {
      case 'done':
        return reply.value.exitCode === 0
          ? { kind: 'ended', result: { exitCode: 0, bootId: bootId ?? null } }
          : { kind: 'failed', why: exitSentence(reply.value.exitCode, reply.value.lastLines) };
      case 'refused':
        return { kind: 'failed', why: generationFault(reply.fault, node).message };
      case 'withdrawn':
        return { kind: 'withdrawn', why: reply.fault.message };
      case 'lost':
        return { kind: 'lost' };
    }
  },
  settle: async ({ since, bootId }) => {
    const outcome = await machines.installOutcome(
      node.address,
      typeof since === 'number' ? since : clock.now(),
    );
    switch (outcome.kind) {
      case 'succeeded':
        return { kind: 'ended', result: { exitCode: 0, settledBy: 'log', bootId: bootId ?? null } };
      case 'failed':
        return { kind: 'failed', why: exitSentence(outcome.exitCode, []) };
      case 'running':
        return { kind: 'waiting', why: 'the installer, whose output was lost' };
      case 'never-began':
        return { kind: 'waiting', why: 'an installation of which the machine shows no trace' };
      case 'overtaken':
      case 'unknown':
        return { kind: 'waiting', why: 'evidence of how the installation ended' };
    }
  },
});

/**
 * Somebody with another tool may have installed it in this boot: a second installation would destroy its way back (invariant 4). One
 * that failed after one that ended well changes nothing about that.
 */
async function refuseArmed(machines: Machines, node: PlannedNode): Promise<void> {
  const outcome = await machines.installOutcome(node.address, 0);
  if (outcome.kind === 'running') throw new Fault('busy', `another installation is running on ${node.name}`);
  if (outcome.kind !== 'succeeded' && outcome.kind !== 'overtaken') return;
  throw new Fault(
    'refused',
    `${node.name} was installed in this boot already, by somebody else, and has not restarted since: restart it first, then retry`,
  );
}

/** An installation in doubt is begun again only when the first is known not to have ended well: a second one destroys the way back. */
function endOf(outcome: InstallOutcome, bootId: string): StepFacts | null {
  switch (outcome.kind) {
    case 'succeeded':
      return { exitCode: 0, settledBy: 'log', bootId: bootId === '' ? null : bootId };
    case 'failed':
    case 'never-began':
      return null;
    case 'running':
      throw new Fault('busy', 'the earlier installation is still running');
    case 'overtaken':
    case 'unknown':
      throw new Fault(
        'refused',
        'nobody can say how the earlier installation ended, so it is not repeated; restart the node by hand and retry: it then shows which system it boots',
      );
  }
}

/** The last line that says something, because the installer's reason is in its text. */
function exitSentence(exitCode: number | null, lines: readonly string[]): string {
  const reason = lines.findLast((line) => line.trim() !== '');
  const code = exitCode === null ? 'an error' : `exit code ${exitCode}`;
  return `The installer ended with ${code}${reason === undefined ? '.' : `: ${reason.trim()}`}`;
}

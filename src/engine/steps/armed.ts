// A node that was installed and not restarted boots something else at any restart: what it means when one happened that nobody sent.
import type { MachineView } from '../../cluster/snapshot.ts';
import { sameVersion } from '../../cluster/version.ts';
import { stepsOn } from '../../rollout/plan.ts';
import type { Step, StepFacts } from '../../rollout/step.ts';
import { Fault } from '../ports/fault.ts';
import type { StepContext } from './doer.ts';

/**
 * Null when it waits to be restarted as before, or was never installed. The facts of a restart by itself that brought about what was
 * wanted. Throws Fault when it brought about something else: a crash boots what was installed, so an old version means that Talos fell
 * back, and to restart the node once more would only take it away again. Early in a boot nobody can tell.
 */
export function requireArmed(context: StepContext, machine: MachineView): StepFacts | null {
  const { node, step } = context;
  const installed = installedIn(context);
  if (installed === null || machine.bootId === '' || machine.bootId === installed) return null;
  if (machine.stage !== 'running' || !machine.ready)
    throw new Fault('busy', `${node.name} restarted by itself after it was installed, and is not up yet`);
  const found = { bootId: machine.bootId, ...itself(context, machine) };
  if (step.params['disarms'] === true) {
    if (sameVersion(machine.version, node.from)) return found;
    throw new Fault(
      'refused',
      `${node.name} restarted by itself and runs ${machine.version}: there is nothing left to disarm. Abort, and roll it back if it shall run ${node.from} again.`,
    );
  }
  // Nobody saw how its installation ended: whatever it boots is the answer that this restart was for.
  if (step.params['installs'] !== undefined && step.params['version'] === null) return found;
  throw new Fault(
    'refused',
    `${node.name} restarted by itself after it was installed and runs ${machine.version}: the new system did not boot and Talos fell back. Abort, and find out why before it is installed again.`,
  );
}

/** In another boot than it was installed in, and nobody sent that restart. */
export function itself(context: StepContext, { bootId, version }: MachineView): StepFacts {
  const installed = installedIn(context);
  if (installed === null || bootId === '' || bootId === installed) return {};
  return { previousBootId: installed, restartedItself: version };
}

/** The boot in which the node was installed, by this rollout or an earlier one; null when it was not, or nobody wrote it down. */
function installedIn({ rollout: { plan, steps }, node, step }: StepContext): string | null {
  const known = step.params['installedIn'];
  if (typeof known === 'string') return known;
  const install = plan === null ? undefined : stepsOn(plan, node.name).find(({ kind }) => kind === 'install');
  const state = install === undefined ? undefined : steps.get(install.id);
  const bootId = state?.state === 'ended' ? state.result['bootId'] : null;
  return typeof bootId === 'string' ? bootId : null;
}

/** In the very boot in which it was armed nothing has arrived yet, whatever the versions say. */
export function stillInBoot({ params }: Step, { bootId }: MachineView): boolean {
  return typeof params['installedIn'] === 'string' && params['installedIn'] === bootId;
}

/**
 * Throws Fault `busy` while an installation of an earlier rollout still runs on the node: it runs on when its stream is lost, and a restart
 * under it leaves a boot entry that is half written (talos-api.md section 4).
 */
export async function requireIdle({ step, node, machines }: StepContext): Promise<void> {
  if (step.params['installs'] === undefined) return;
  const { kind } = await machines.installOutcome(node.address, 0);
  if (kind === 'running') throw new Fault('busy', `an installation is still running on ${node.name}`);
}

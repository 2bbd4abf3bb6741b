// Whether a machine already is what a step shall make of it; for a change of extensions alone the version cannot tell.
import type { MachineView } from '../../cluster/snapshot.ts';
import { sameVersion } from '../../cluster/version.ts';
import type { Step } from '../../rollout/step.ts';
import { optionalTextParam } from './doer.ts';

/** False for a step that expects nothing in particular (a rollback without a record). */
export function runsTarget(step: Step, machine: MachineView): boolean {
  const version = optionalTextParam(step, 'version');
  if (version === null || !sameVersion(machine.version, version)) return false;
  return step.params['onlySchematic'] !== true || machine.schematic === optionalTextParam(step, 'schematic');
}

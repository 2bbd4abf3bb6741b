// Checks on GitOps: what Flux or Argo CD applies in the middle of a rollout is not what was looked at before it.
import type { FluxView } from '../cluster/estate/neighbours.ts';
import { listed } from '../cluster/listed.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { counted, fullName, judgedIfThere, orWell, type Trouble } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';

/** Expects Flux to rest: what it applies meanwhile is not what was looked at. */
export function fluxRests(snapshot: Snapshot): readonly Finding[] {
  return judgedIfThere({ check: 'flux', subject: 'flux', what: 'Flux' }, snapshot, (objects) => {
    const named = (wanted: (object: FluxView) => boolean): string[] =>
      objects.filter(wanted).map((object) => `${object.kind} ${fullName(object)}`);
    return orWell(
      [
        ...warning(
          named(({ state, suspended }) => state === 'moving' && !suspended),
          'Flux is applying',
        ),
        ...warning(
          named(({ state, suspended }) => state === 'failed' && !suspended),
          'Flux fails to apply',
        ),
        ...warning(
          named(({ suspended }) => suspended),
          'Flux is suspended for',
        ),
        ...warning(
          named(({ state, suspended }) => state === 'unknown' && !suspended),
          'Flux does not say how it stands with',
        ),
      ],
      `${counted(objects.length, 'Flux object')} are ready.`,
    );
  });
}

function warning(names: readonly string[], what: string): readonly Trouble[] {
  if (names.length === 0) return [];
  const advice = 'Let it finish or repair it; the policy may suspend it for the time of the rollout.';
  return [{ level: 'warning', sentence: `${what} ${listed(names)}.`, advice }];
}

const ARGO_BUSY = ['Running', 'Terminating'];
const ARGO_FAILED = ['Failed', 'Error'];
const ARGO_SICK = ['Degraded', 'Missing', 'Progressing', 'Unknown'];

/** Expects no Argo CD application to be in the middle of a sync, and hears of those that are not well. */
export function argoRests(snapshot: Snapshot): readonly Finding[] {
  return judgedIfThere({ check: 'argo', subject: 'argo', what: 'Argo CD' }, snapshot, (applications) => {
    const busy = applications.filter(({ operation }) => operation !== null && ARGO_BUSY.includes(operation));
    const rest = applications.filter((application) => !busy.includes(application));
    const failed = rest.filter(({ operation }) => operation !== null && ARGO_FAILED.includes(operation));
    const sick = rest.filter(({ health }) => ARGO_SICK.includes(health));
    const skipped = rest.filter(({ skipped: left }) => left);
    const blocking: readonly Trouble[] =
      busy.length === 0
        ? []
        : [
            {
              level: 'blocker',
              sentence: `Argo CD is syncing ${listed(busy.map(fullName))}.`,
              advice: 'Wait until the sync has ended.',
            },
          ];
    return orWell(
      [
        ...blocking,
        ...warning(failed.map(fullName), 'The last Argo CD sync failed for'),
        ...warning(
          sick.map((one) => `${fullName(one)} (${one.health})`),
          'Argo CD calls not healthy:',
        ),
        ...warning(skipped.map(fullName), 'Argo CD is told to skip'),
      ],
      `${counted(applications.length, 'Argo CD application')} rest.`,
    );
  });
}

// The faults of Velero: each leaves it as it was found, installed or not.
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../playground/world/clock.ts';
import { KubernetesObjects } from '../../../playground/world/kubernetes/kubernetes-objects.ts';
import { BACKUPS } from '../../../playground/world/kubernetes/velero.ts';
import { worldSettings } from '../../../playground/world/settings.ts';
import { World } from '../../../playground/world/world.ts';

function aWorldOfObjects(): { world: World; kubernetes: KubernetesObjects; clock: ManualClock } {
  const clock = new ManualClock();
  const kubernetes = new KubernetesObjects({ clock });
  return { clock, kubernetes, world: new World({ settings: worldSettings(), clock, kubernetes }) };
}

const isServed = ({ shelf }: KubernetesObjects): boolean =>
  shelf.kindOf(BACKUPS.group, BACKUPS.version, BACKUPS.plural) !== null;

describe('a fault of Velero', () => {
  it.each([
    ['velero-fate', {}, 'PartiallyFailed'],
    ['velero-fate', { fate: 'fails' }, 'Failed'],
    ['velero-fate', { fate: 'is-invalid' }, 'FailedValidation'],
    ['velero-nowhere', {}, 'Completed'],
  ])('%s %o installs it where it is not, and takes it away again', (name, params, phase) => {
    const { world, kubernetes, clock } = aWorldOfObjects();
    world.inject(name, params);
    kubernetes.shelf.create(BACKUPS, { metadata: { namespace: 'velero', name: 'tonight' }, spec: {} });
    clock.advance(10_000);
    expect(kubernetes.strays.velero?.backups()).toMatchObject([{ status: { phase } }]);
    world.heal();
    expect(isServed(kubernetes)).toBe(false);
  });

  it('that was installed before leaves it there, with all going well', () => {
    const { world, kubernetes } = aWorldOfObjects();
    const velero = kubernetes.strays.installVelero();
    world.inject('velero-fate');
    expect(velero.fate).toBe('fails-in-part');
    world.heal();
    expect([velero.fate, isServed(kubernetes)]).toEqual(['completes', true]);
  });

  it('that takes it away ends what it was doing, and brings it back empty', () => {
    const { world, kubernetes, clock } = aWorldOfObjects();
    const velero = kubernetes.strays.installVelero();
    kubernetes.shelf.create(BACKUPS, { metadata: { namespace: 'velero', name: 'tonight' }, spec: {} });
    world.inject('velero-gone');
    expect(isServed(kubernetes)).toBe(false);
    clock.advance(10_000);
    world.heal();
    expect([isServed(kubernetes), velero.backups()]).toEqual([true, []]);
  });

  it('that takes it away is nothing where it is not', () => {
    const { world, kubernetes } = aWorldOfObjects();
    world.inject('velero-gone');
    expect([isServed(kubernetes), world.activeFaults()]).toEqual([false, []]);
  });
});

/** Faults of Velero: where backups go, what becomes of them, and that it is not there at all. */
import { type FaultKind, type Heal, text } from './fault.ts';
import { BACKUP_FATES, type Velero } from './kubernetes/velero.ts';
import type { World } from './world.ts';

/** Installs it where it is not; healing leaves it as it was found. */
function withVelero({ kubernetes }: World, change: (velero: Velero) => () => void): Heal {
  const { strays } = kubernetes;
  if (strays === undefined) return null;
  const found = strays.velero?.installed === true;
  const velero = strays.installVelero();
  const back = change(velero);
  return () => {
    back();
    if (!found) velero.uninstall();
  };
}

export const VELERO_FAULTS: readonly FaultKind[] = [
  {
    name: 'velero-fate',
    sentence: 'Velero is installed, and its next backups do not end well.',
    params: [text('fate', `${BACKUP_FATES[0]} (when left out), ${BACKUP_FATES.slice(1).join(', ')}`)],
    apply: (world, params) => {
      const fate = params.oneOf('fate', BACKUP_FATES);
      return withVelero(world, (velero) => {
        velero.fate = fate;
        return () => {
          velero.fate = 'completes';
        };
      });
    },
  },
  {
    name: 'velero-nowhere',
    sentence: 'Velero is installed, and its only backup location is not available.',
    params: [],
    apply: (world) =>
      withVelero(world, (velero) => {
        velero.setLocation('Unavailable');
        return () => {
          if (velero.installed) velero.setLocation('Available');
        };
      }),
  },
  {
    name: 'velero-gone',
    sentence: 'Somebody removes Velero, where it is installed, with all its backups.',
    params: [],
    apply: ({ kubernetes }) => {
      const velero = kubernetes.strays?.velero ?? null;
      if (velero?.installed !== true) return null;
      velero.uninstall();
      return () => velero.install();
    },
  },
];

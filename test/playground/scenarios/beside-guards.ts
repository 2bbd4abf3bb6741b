// Guards around the backup and the neighbours, each replaced: what the negative controls of their scenarios put on the stage.
import type { BackupSeen } from '../../../src/engine/ports/backups.ts';
import type { Replace } from './replaced-bot.ts';
import { withWork } from './replaced-bot.ts';

const GOOD: Omit<BackupSeen, 'name' | 'mark'> = {
  phase: 'Completed',
  items: { done: 1, total: 1 },
  errors: 0,
  warnings: 0,
  validationErrors: [],
  failureReason: '',
  includedNamespaces: ['*'],
  excludedNamespaces: [],
  omits: [],
  volumes: 'files',
  storageLocation: 'default',
  completedAt: 0,
};

/** Every backup is said to be good and none is asked for: the guard that it is made, waited for and judged. */
export const imaginingBackups: Replace = withWork((work) => {
  const { backups } = work;
  if (backups === undefined) throw new Error('a cluster without backups proves nothing');
  return {
    ...work,
    backups: {
      ...backups,
      look: async (_namespace, name) => ({ ...GOOD, name, mark: markIn(name) }),
      create: async () => undefined,
    },
  };
});

/** `talos-chatops-<rollout>-1`: it is always said to be ours. */
function markIn(name: string): string {
  return name.replace(/^talos-chatops-/, '').replace(/-\d+$/, '');
}

/** Nobody is told anything, and all are said to rest: the guard that neighbours are really suspended. */
export const suspendingNobody: Replace = withWork((work) => {
  const { neighbours } = work;
  if (neighbours === undefined) throw new Error('a cluster without neighbours proves nothing');
  return { ...work, neighbours: { ...neighbours, suspend: async () => ({ found: 'running' }) } };
});

/** What was suspended is said to be resumed: the guard that it is put back as it was found. */
export const resumingNobody: Replace = withWork((work) => {
  const { neighbours } = work;
  if (neighbours === undefined) throw new Error('a cluster without neighbours proves nothing');
  return { ...work, neighbours: { ...neighbours, resume: async () => ({ restored: 'running' }) } };
});

/** The first of the two boots of a staged upgrade: it installs before it starts anything, and restarts (facts/talos-api.md 3.5). */
import { awake } from './awake.ts';
import { hasLifecycle } from './compatibility.ts';
import type { InstallerImage } from './image.ts';
import { installMs, planRun, settle } from './install.ts';
import { wipe } from './legacy-upgrade.ts';
import type { Life } from './life.ts';
import { type MachineParts, runningVersion } from './machine-parts.ts';
import { AFTER_STAGED, INSTALL } from './sequence.ts';
import { taskDone } from './telling.ts';

/** META keys 7 and 8: what the next boot installs. */
export interface StagedOrder {
  readonly image: InstallerImage;
  /** Whether its options let it wipe the data. */
  readonly wiping: boolean;
}

/** Its keys are deleted before anything is installed; whatever the installer comes to, it restarts. */
export function installStaged(parts: MachineParts, life: Life, { image, wiping }: StagedOrder): void {
  const { state, events, clock, log } = parts;
  awake(parts);
  state.sequence = 'upgrade';
  events.publish({ kind: 'sequence', sequence: 'install', action: 'start' });
  events.publish({ kind: 'phase', phase: INSTALL.phase, action: 'start' });
  events.publish({ kind: 'task', task: INSTALL.task, action: 'start' });
  log.info(`performing staged upgrade via "${image.ref}"`);
  if (wiping) wipe(parts);
  const plan = planRun(parts, image);
  state.installing = true;
  state.activity = { kind: 'installing', sinceMs: clock.now(), lengthMs: installMs(parts) };
  life.enter('installing');
  // Up to 1.12 apid starts only after this sequence, so nobody sees this boot from outside.
  if (hasLifecycle(runningVersion(parts))) life.listen(true);
  for (const line of plan.lines) log.dmesg(line);
  const end = (): void => {
    settle(parts, plan);
    const done = plan.exitCode === 0;
    if (done) taskDone(parts, INSTALL, '');
    if (done) log.info('staged upgrade successful');
    const failure = done ? null : `task install (1/1): failed: exit code ${plan.exitCode}`;
    life.restart({ sequence: 'install', tasks: AFTER_STAGED, actorId: '', failure });
  };
  life.slowly('extraInstallMs', () => life.at(parts.node.installMs, end));
  parts.changed();
}

/** Running an installer on a machine that stays up (LifecycleService.Upgrade, facts/talos-api.md 3.1). */
import { hasLifecycle, since } from './compatibility.ts';
import { WorldError } from './error.ts';
import type { InstallerImage } from './image.ts';
import type { ContainerdPlace } from './image-store.ts';
import { type InstallerRun, runInstaller } from './installer.ts';
import { type MachineParts, runningVersion, touched } from './machine-parts.ts';
import { streamLost } from './pull.ts';
import { slowly } from './slowness.ts';

export type LineSink = (line: string) => void;

/** Plans an installer run on this machine, using up one injected failure if there is one. */
export function planRun(parts: MachineParts, image: InstallerImage): InstallerRun {
  const { knobs, state, settings } = parts;
  const injected = knobs.installerExit;
  if (injected !== null)
    knobs.installerExit = injected.times <= 1 ? null : { ...injected, times: injected.times - 1 };
  return runInstaller(image, {
    bootloader: state.bootloader,
    kubernetesVersion: settings.kubernetesVersion,
    injectedExitCode: injected?.code ?? null,
  });
}

/** How long an installer runs on this machine, in milliseconds. */
export function installMs(parts: MachineParts): number {
  return parts.node.installMs + parts.knobs.extraInstallMs;
}

/**
 * Installs an image that was pulled before; resolves with the installer's exit code, which may be non-zero.
 * Losing the caller does not stop it. It neither drains nor reboots, and checks nothing of etcd.
 * @throws WorldError FAILED_PRECONDITION, INVALID_ARGUMENT, INTERNAL in the server's order, or UNAVAILABLE when the
 * machine goes away meanwhile
 */
export function installImage(
  parts: MachineParts,
  order: { ref: string; place: ContainerdPlace | null; sink: LineSink },
): Promise<number> {
  const { state } = parts;
  // The lock is taken before the name is looked at: an empty name tells a running installer from none.
  if (state.installing)
    throw new WorldError('FAILED_PRECONDITION', 'another installation/upgrade is already in progress');
  if (order.ref === '') throw new WorldError('INVALID_ARGUMENT', 'installer image name is required');
  if (order.place === null)
    throw new WorldError(
      'INTERNAL',
      'upgrade failed: rpc error: code = InvalidArgument desc = invalid containerd namespace NS_UNKNOWN',
    );
  const image = parts.images.find(order.place, order.ref);
  if (image === null)
    throw new WorldError(
      'INTERNAL',
      `upgrade failed: installer image "${order.ref}" not found in containerd store: image "${order.ref}": not found`,
    );
  parts.counters.install(parts.node.name, { image: image.ref, preserve: null });
  return run(parts, image, order.sink);
}

function run(parts: MachineParts, image: InstallerImage, sink: LineSink): Promise<number> {
  const { clock, state, deaths } = parts;
  const plan = planRun(parts, image);
  const cancels: (() => void)[] = [];
  state.installing = true;
  state.activity = { kind: 'installing', sinceMs: clock.now(), lengthMs: installMs(parts) };
  logStart(parts, image.ref);
  return new Promise((resolve, reject) => {
    const die = (): void => {
      for (const cancel of cancels) cancel();
      deaths.delete(die);
      reject(streamLost());
    };
    deaths.add(die);
    const end = (): void => {
      deaths.delete(die);
      settle(parts, plan);
      logEnd(parts, plan.exitCode);
      resolve(plan.exitCode);
      touched(parts);
    };
    const say = (line: string): void => {
      logProgress(parts, line);
      sink(line);
    };
    const unhang = slowly(parts, 'extraInstallMs', () => {
      const { installMs: ownMs } = parts.node;
      for (const [index, line] of plan.lines.entries())
        cancels.push(clock.after((ownMs * index) / plan.lines.length, () => say(line)));
      cancels.push(clock.after(ownMs, end));
    });
    cancels.push(unhang);
    parts.changed();
  });
}

/** Writes down what a finished installer run did to the disk. */
export function settle(parts: MachineParts, plan: InstallerRun): void {
  const { state } = parts;
  state.bootloader = plan.bootloader;
  if (plan.upgradeTag !== null) state.upgradeTag = plan.upgradeTag;
  state.installing = false;
  if (state.activity?.kind === 'installing') state.activity = null;
}

// The three lines by which a lost install is settled afterwards; their form changed with 1.14.

function logStart(parts: MachineParts, ref: string): void {
  if (since(runningVersion(parts), '1.14'))
    parts.log.structured('INFO', 'starting upgrade', {
      ...LIFECYCLE,
      installer_image: ref,
      disk: '/dev/sda',
    });
  else parts.log.info(`starting upgrade: installer_image=${ref}, disk=/dev/sda`);
}

function logProgress(parts: MachineParts, line: string): void {
  parts.log.structured('INFO', 'upgrade progress', { ...LIFECYCLE, message: `${line}\n` });
}

function logEnd(parts: MachineParts, exitCode: number): void {
  const failed = exitCode !== 0;
  if (since(runningVersion(parts), '1.14'))
    parts.log.structured(failed ? 'WARN' : 'INFO', failed ? 'upgrade failed' : 'upgrade completed', {
      ...LIFECYCLE,
      exit_code: exitCode,
    });
  else if (hasLifecycle(runningVersion(parts)))
    parts.log.info(
      failed ? `upgrade failed: exit_code=${exitCode}` : 'upgrade completed successfully: exit_code=0',
    );
}

const LIFECYCLE = { component: 'machined', service: 'lifecycle' };

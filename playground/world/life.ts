/** How a machine leaves and comes back: shutdown, restart, boot, and what may go wrong on the way. */
import { awake, bootingUnmet, runningUnmet } from './awake.ts';
import { bootedDefault, halfInstalled, reverted } from './bootloader.ts';
import { hasLifecycle } from './compatibility.ts';
import type { Stage } from './event.ts';
import type { RebootOrder, RestartOrder } from './life-orders.ts';
import { SHARE } from './life-shares.ts';
import { lasted } from './machine-log.ts';
import { type MachineParts, runningVersion, statusOf, touched } from './machine-parts.ts';
import { servicesOf } from './machine-service.ts';
import { bootBegins, serviceRuns } from './remembered-boot.ts';
import { BOOT, rebootSequence, restartCommand, type SequencePart, START_SERVICES } from './sequence.ts';
import { type Slow, slowly } from './slowness.ts';
import { installStaged } from './staged-boot.ts';
import { type TaskSpan, taskDone, tellFailure, tellings } from './telling.ts';

/** Talos waits this long for services before a boot is fatal. */
const BOOT_TIMEOUT_MS = 70 * 60_000;

export class Life {
  private readonly parts: MachineParts;
  private timers: (() => void)[] = [];
  private lastStatus = '';
  /** Ends the wait for services; null while the boot does not wait. */
  private bootTimeout: (() => void) | null = null;

  constructor(parts: MachineParts) {
    this.parts = parts;
  }

  /** Starts the reboot sequence; it takes over from a boot or another reboot, as the real one does. */
  reboot(order: RebootOrder): void {
    const { state, node, counters, events } = this.parts;
    this.cancel();
    const { sequence = 'reboot' } = order;
    state.sequence = sequence === 'reboot' ? 'reboot' : 'upgrade';
    counters.depart(node.name, order.by);
    this.be('leaving', this.ms(SHARE.down));
    const leaveMs = order.mode === 'force' ? 0 : this.ms(SHARE.leave);
    const downMs = order.mode === 'force' ? this.ms(SHARE.leave) : this.ms(SHARE.down);
    this.at(leaveMs, () => {
      events.publish({ kind: 'sequence', sequence, action: 'start' }, order.actorId);
      this.enter(sequence === 'reboot' ? 'rebooting' : 'upgrading');
    });
    this.tellTasks(rebootSequence(order.mode), { fromMs: leaveMs, toMs: downMs, actorId: order.actorId });
    if (order.mode !== 'force') this.at(this.ms(SHARE.servicesStopped), () => this.stopServices());
    this.at(downMs, () => {
      const command = restartCommand(order.mode, this.parts.settings);
      events.publish({ kind: 'restart', command }, order.actorId);
      this.goDown();
      this.boot();
    });
    touched(this.parts);
  }

  /** What the legacy upgrade does before its installer: cordon, drain, stop services. Times in ms from now. */
  prepareUpgrade(order: { drainMs: number; tasks: readonly SequencePart[]; actorId: string }): number {
    const { state, events } = this.parts;
    this.cancel();
    state.sequence = 'upgrade';
    this.be('draining', order.drainMs);
    const stoppedMs = order.drainMs + this.ms(SHARE.servicesStopped);
    events.publish({ kind: 'sequence', sequence: 'upgrade', action: 'start' }, order.actorId);
    this.enter('upgrading');
    this.tellTasks(order.tasks, { fromMs: 0, toMs: stoppedMs, actorId: order.actorId });
    this.at(stoppedMs, () => this.stopServices());
    return stoppedMs;
  }

  /** Restarts after an installer of the legacy upgrade has ended: its last tasks, then down and up. */
  restart(order: RestartOrder): void {
    const restMs = this.ms(SHARE.down - SHARE.servicesStopped);
    if (order.failure !== null) tellFailure(this.parts, { ...order, reason: order.failure });
    else this.tellTasks(order.tasks, { fromMs: 0, toMs: restMs, actorId: order.actorId });
    this.be('leaving', restMs);
    this.at(restMs, () => {
      this.goDown();
      this.boot();
    });
  }

  /** Calls back later, unless the machine takes another course or loses its power first. */
  at(ms: number, run: () => void): void {
    this.timers.push(this.parts.clock.after(ms, run));
  }

  /** Calls back when what a fault adds is over, unless the machine takes another course first. */
  slowly(what: Slow, run: () => void): void {
    this.timers.push(slowly(this.parts, what, run));
  }

  /** Takes the power away: nothing is said, everything in memory is gone. */
  cut(): void {
    this.parts.counters.depart(this.parts.node.name, 'fault');
    this.cancel();
    this.stopServices();
    this.goDown();
  }

  /** Gives it power again: it boots its default entry. */
  powerOn(): void {
    if (this.parts.state.listening) return;
    this.cancel();
    this.boot();
  }

  /** Tells the world when the machine's status is not what it was; call after turning a knob. */
  announce(): void {
    const status = statusOf(this.parts);
    const text = JSON.stringify(status);
    if (text !== this.lastStatus) {
      this.lastStatus = text;
      this.parts.events.publish({ kind: 'machine-status', status });
    }
    touched(this.parts);
  }

  /** Re-examines a machine that waits in its boot, after the fault that kept it there was healed. */
  reconsider(): void {
    if (this.bootTimeout !== null && !this.neverReady()) {
      this.bootTimeout();
      this.bootTimeout = null;
      this.finishBoot();
    }
    const { state, knobs } = this.parts;
    if (state.stage === 'maintenance' && state.listening && !knobs.maintenance) {
      this.goDown();
      this.boot();
    }
    this.announce();
  }

  // ---- coming back -----------------------------------------------------------------------------------------

  private boot(): void {
    const { state, knobs } = this.parts;
    const next = bootedDefault(state.bootloader);
    // Firmware with secure boot starts no unsigned system: the machine stays dark.
    if (knobs.poweredOff || (this.parts.settings.secureBoot && !next.booted.signed)) return;
    state.sequence = 'boot';
    const { staged } = state;
    state.staged = null;
    const apid = staged !== null || hasLifecycle(next.booted.version) ? SHARE.apid : SHARE.lateApid;
    const silentMs = this.ms(apid - SHARE.down);
    this.be('down', silentMs + knobs.extraBootMs);
    this.slowly('extraBootMs', () => {
      if (staged !== null) {
        this.at(silentMs, () => installStaged(this.parts, this, staged));
        return;
      }
      this.at(silentMs, () => this.comeUp());
      this.at(silentMs + this.ms(SHARE.services - apid), () => this.startServices());
    });
  }

  private comeUp(): void {
    const { state, knobs, events, log } = this.parts;
    awake(this.parts);
    log.info(bootBegins());
    events.publish({ kind: 'sequence', sequence: 'boot', action: 'start' });
    if (!knobs.maintenance)
      this.tellTasks(BOOT, { fromMs: 0, toMs: this.ms(SHARE.services - SHARE.lateApid), actorId: '' });
    this.be('booting', this.ms(SHARE.ready - SHARE.apid));
    if (knobs.maintenance) state.activity = null;
    this.enter(knobs.maintenance ? 'maintenance' : 'booting');
    this.listen(true);
  }

  private startServices(): void {
    const { state, knobs, node, kubernetes, etcd } = this.parts;
    if (state.stage === 'maintenance') return;
    if (knobs.fallsBack && state.upgradeTag !== null) {
      this.fallBack('failed to start services');
      return;
    }
    if (this.isControlPlane()) {
      etcd.start(node.name);
      state.apiServing = true;
      this.at(this.ms(SHARE.caughtUp - SHARE.services), () => {
        etcd.caughtUp(node.name);
        touched(this.parts);
      });
    }
    kubernetes.setNodeVersion(node.name, runningVersion(this.parts));
    kubernetes.setNodeSchematic(node.name, state.bootloader.booted.schematic);
    kubernetes.rebooted(node.name, state.bootId);
    if (this.neverReady()) {
      state.unmet = bootingUnmet(node.name);
      this.announce();
      this.bootTimeout = this.parts.clock.after(BOOT_TIMEOUT_MS, () => {
        this.fallBack('timeout waiting for services');
      });
      return;
    }
    this.finishBoot();
  }

  private finishBoot(): void {
    const { state, knobs, node, kubernetes, events, log, clock } = this.parts;
    kubernetes.setNodeReady(node.name, !knobs.kubernetesNotReady);
    this.at(this.ms(SHARE.running - SHARE.services), () => {
      for (const { id } of servicesOf(this.parts)) events.publish(serviceRuns(id));
      taskDone(this.parts, START_SERVICES, '');
      events.publish({ kind: 'sequence', sequence: 'boot', action: 'stop' });
      log.info(`boot sequence: done: ${lasted(clock.now() - state.bootedAtMs)}`);
      state.unmet = runningUnmet(node);
      this.enter('running');
    });
    this.at(this.ms(SHARE.ready - SHARE.services), () => {
      state.unmet = [];
      state.sequence = null;
      state.activity = null;
      // Talos drops its way back once the node was RUNNING and ready.
      state.upgradeTag = null;
      state.shownUpgradeTag = null;
      if (state.cordonedByTalos) kubernetes.setUnschedulable(node.name, false);
      state.cordonedByTalos = false;
      this.announce();
    });
  }

  /** A fatal error while the way back is still recorded: the bootloader is reverted and the machine restarts. */
  private fallBack(reason: string): void {
    const { state } = this.parts;
    this.cancel();
    tellFailure(this.parts, { sequence: 'boot', reason, actorId: '' });
    if (state.upgradeTag !== null && state.bootloader.entries.length > 1)
      state.bootloader = reverted(state.bootloader);
    state.upgradeTag = null;
    this.stopServices();
    this.goDown();
    this.boot();
  }

  private neverReady(): boolean {
    const { neverReadyExcept } = this.parts.knobs;
    return neverReadyExcept !== null && neverReadyExcept !== runningVersion(this.parts);
  }

  // ---- going away ------------------------------------------------------------------------------------------

  private stopServices(): void {
    const { state, node, kubernetes, etcd } = this.parts;
    state.apiServing = false;
    if (this.isControlPlane()) etcd.stop(node.name);
    kubernetes.setNodeReady(node.name, false);
    touched(this.parts);
  }

  private goDown(): void {
    const { state, deaths } = this.parts;
    this.cancel();
    if (state.installing) state.bootloader = halfInstalled(state.bootloader);
    state.installing = false;
    if (state.apiServing) this.stopServices();
    this.be('down', this.ms(SHARE.apid - SHARE.down));
    this.listen(false);
    for (const death of [...deaths]) death();
    touched(this.parts);
  }

  // ---- saying so -------------------------------------------------------------------------------------------

  enter(stage: Stage): void {
    this.parts.state.stage = stage;
    this.announce();
  }

  private tellTasks(tasks: readonly SequencePart[], span: TaskSpan): void {
    for (const { atMs, run } of tellings(this.parts, tasks, span)) this.at(atMs, run);
  }

  listen(listening: boolean): void {
    if (this.parts.state.listening === listening) return;
    this.parts.state.listening = listening;
    for (const listener of [...this.parts.listeners]) listener(listening);
  }

  private be(kind: 'leaving' | 'down' | 'booting' | 'draining', lengthMs: number): void {
    this.parts.state.activity = { kind, sinceMs: this.parts.clock.now(), lengthMs };
  }

  private isControlPlane(): boolean {
    return this.parts.node.role === 'control-plane';
  }

  private ms(share: number): number {
    return share * this.parts.node.rebootMs;
  }

  private cancel(): void {
    for (const cancel of this.timers) cancel();
    this.timers = [];
    this.bootTimeout?.();
    this.bootTimeout = null;
  }
}

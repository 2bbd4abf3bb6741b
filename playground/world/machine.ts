/** One simulated Talos machine: what can be asked of it and done to it, independent of any wire. */
import { newActorId } from './actor.ts';
import { isArmed, otherEntry, reverted } from './bootloader.ts';
import { type EtcdVersions, etcdVersions, etcdVersionsOf, hasLifecycle } from './compatibility.ts';
import type { DepartureBy } from './counters.ts';
import { WorldError } from './error.ts';
import type { MachineStatus } from './event.ts';
import { EventLog } from './event.ts';
import type { ContainerdPlace } from './image-store.ts';
import { ImageStore } from './image-store.ts';
import { installImage, type LineSink } from './install.ts';
import {
  type LegacyUpgradeAck,
  type LegacyUpgradeOrder,
  refuseSecond,
  upgradeLegacy,
} from './legacy-upgrade.ts';
import { Life } from './life.ts';
import { readFile } from './machine-file.ts';
import { freshState } from './machine-fresh.ts';
import { MachineLog } from './machine-log.ts';
import {
  freshKnobs,
  type MachineParts,
  runningVersion,
  type Surroundings,
  statusOf,
} from './machine-parts.ts';
import { type MachineService, servicesOf } from './machine-service.ts';
import { type PullSink, pullImage } from './pull.ts';
import { createRandom } from './random.ts';
import { rememberBoot } from './remembered-boot.ts';
import type { RebootMode } from './sequence.ts';
import type { DrawnNode } from './settings.ts';

export class Machine {
  readonly node: DrawnNode;
  /** Its parts: for faces that read, and for faults that turn knobs. */
  readonly parts: MachineParts;
  readonly life: Life;

  constructor(node: DrawnNode, surroundings: Surroundings) {
    this.node = node;
    const random = createRandom(surroundings.settings.seed).fork(`machine ${node.name}`);
    this.parts = {
      ...surroundings,
      node,
      random,
      state: freshState(node, surroundings, random),
      knobs: freshKnobs(),
      events: new EventLog(surroundings.clock, random.int(0xffff)),
      log: new MachineLog(surroundings.clock),
      images: new ImageStore(surroundings.clock),
      listeners: new Set(),
      deaths: new Set(),
      hanging: new Set(),
    };
    this.life = new Life(this.parts);
    rememberBoot(this.parts);
  }

  // ---- what it says ----------------------------------------------------------------------------------------

  /** Whether apid accepts connections. */
  get listening(): boolean {
    return this.parts.state.listening;
  }

  get version(): string {
    return runningVersion(this.parts);
  }

  get schematic(): string {
    return this.parts.state.bootloader.booted.schematic;
  }

  /** What it says it runs on: a UKI for another platform makes it believe that. */
  get platform(): string {
    return this.parts.state.bootloader.booted.platform ?? this.parts.settings.platform;
  }

  get bootId(): string {
    return this.parts.state.bootId;
  }

  /** Installed, not rebooted: whatever boots next is not what runs now. */
  get armed(): boolean {
    return isArmed(this.parts.state.bootloader);
  }

  /** The version the other boot entry holds, or null. */
  get otherVersion(): string | null {
    return otherEntry(this.parts.state.bootloader)?.version ?? null;
  }

  /** The etcd that runs here, if any does. */
  get etcdVersions(): EtcdVersions {
    const { etcdVersion } = this.parts.knobs.upkeep;
    return etcdVersion === null ? etcdVersions(this.version) : etcdVersionsOf(etcdVersion);
  }

  status(): MachineStatus {
    return statusOf(this.parts);
  }

  services(): readonly MachineService[] {
    return servicesOf(this.parts);
  }

  /** @throws WorldError NOT_FOUND, UNKNOWN (facts/talos-api.md 2.2) */
  read(path: string): string | Uint8Array {
    return readFile(this.parts, path);
  }

  // ---- what may be done to it ------------------------------------------------------------------------------

  /**
   * Pulls an installer image; resolves with its pinned name.
   * @throws WorldError UNIMPLEMENTED before 1.13; else as pullImage
   */
  async pull(order: { ref: string; place: ContainerdPlace; sink?: PullSink }): Promise<string> {
    this.assertUp();
    this.assertLifecycle('machine.ImageService');
    this.parts.counters.count(this.node.name, 'pulls');
    const image = await pullImage(this.parts, { sink: () => {}, ...order });
    return image.pinned;
  }

  /**
   * Runs the installer; resolves with its exit code, given in band with an OK status.
   * @throws WorldError UNIMPLEMENTED before 1.13; else as installImage
   */
  async install(order: { ref: string; place: ContainerdPlace | null; sink?: LineSink }): Promise<number> {
    this.assertUp();
    this.assertLifecycle('machine.LifecycleService');
    return installImage(this.parts, { sink: () => {}, ...order });
  }

  /** Accepts a reboot and returns its actor id; the machine leaves afterwards. It never drains and asks nobody. */
  reboot(mode: RebootMode = 'default', by: DepartureBy = 'client'): { actorId: string } {
    this.assertUp();
    const actorId = newActorId(this.parts);
    this.parts.log.info(`reboot via API received. actor id: ${actorId}`);
    if (by === 'client') this.parts.counters.count(this.node.name, 'reboots');
    // A reboot may take over from a boot or a reboot, not from an upgrade.
    if (this.parts.state.sequence === 'upgrade') refuseSecond(this.parts);
    else this.life.reboot({ mode, actorId, by });
    return { actorId };
  }

  /**
   * Makes the other boot entry the default and reboots. A toggle: twice is back where it was.
   * @throws WorldError UNKNOWN when there is no other entry
   */
  rollback(): void {
    this.assertUp();
    this.parts.log.info('rollback via API received');
    this.parts.state.bootloader = reverted(this.parts.state.bootloader);
    this.parts.counters.count(this.node.name, 'rollbacks');
    // Nobody is told the id of a rollback, and its events carry none.
    this.life.reboot({ mode: 'default', actorId: '', by: 'client' });
  }

  /** The one-call upgrade, as upgradeLegacy says. Still served from 1.13 on. */
  async upgradeLegacy(order: LegacyUpgradeOrder): Promise<LegacyUpgradeAck> {
    this.assertUp();
    return upgradeLegacy(this.parts, this.life, order);
  }

  /** @throws WorldError UNAVAILABLE while apid does not listen, with the text of a refused connection */
  assertUp(): void {
    if (!this.listening) throw refusedConnection(this.node.address, this.parts.settings.apidPort);
  }

  /** @throws WorldError UNIMPLEMENTED when the running version does not have that service */
  assertLifecycle(service: string): void {
    if (!hasLifecycle(this.version)) throw new WorldError('UNIMPLEMENTED', `unknown service ${service}`);
  }

  /** Hears when apid begins or ceases to listen. */
  onListening(listener: (listening: boolean) => void): () => void {
    this.parts.listeners.add(listener);
    return () => this.parts.listeners.delete(listener);
  }

  /** Whether the reply of this call gets lost, by an injected fault that is used up by asking. */
  takeLostReply(method: string): boolean {
    return this.parts.knobs.lostReplies.delete(method);
  }

  /** Whether this call itself gets lost, so that the machine never hears of it; used up by asking as well. */
  takeLostCall(method: string): boolean {
    return this.parts.knobs.lostCalls.delete(method);
  }
}

/** What an endpoint answers for a target that does not listen. */
export function refusedConnection(address: string, port: number): WorldError {
  return new WorldError(
    'UNAVAILABLE',
    `connection error: desc = "transport: Error while dialing: dial tcp ${address}:${port}: connect: connection refused"`,
  );
}

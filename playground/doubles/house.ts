// A whole product in memory: one simulated cluster, one store, one clock, and bot processes that can be started and killed.
import { createDriver, type Driver } from '../../src/engine/drive.ts';
import type { AdvisoryLease } from '../../src/engine/ports/advisory-lease.ts';
import type { Archive } from '../../src/engine/ports/archive.ts';
import type { Backups } from '../../src/engine/ports/backups.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import type { EstateReader } from '../../src/engine/ports/estate.ts';
import type { ImageFactory } from '../../src/engine/ports/factory.ts';
import { faultOf } from '../../src/engine/ports/fault.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import type { Neighbours } from '../../src/engine/ports/neighbours.ts';
import type { UpgradeMutex } from '../../src/engine/ports/upgrade-mutex.ts';
import type { Workloads } from '../../src/engine/ports/workloads.ts';
import { type Submit, submitter } from '../../src/engine/submit.ts';
import type { ClusterWork } from '../../src/engine/work.ts';
import { startSweep } from '../../src/jobs/sweep.ts';
import { ClusterLease } from '../../src/kubernetes/lease.ts';
import type { LeaseDesk } from '../../src/kubernetes/lease-desk.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import type { WorkloadSet } from '../world/kubernetes/default-workloads.ts';
import { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import { type WorldSettings, worldSettings } from '../world/settings.ts';
import { World } from '../world/world.ts';
import { simulatedAccess } from './access.ts';
import { simulatedLeaseDesk } from './advisory-lease.ts';
import { MemoryArchive } from './archive.ts';
import { simulatedBackups } from './backups.ts';
import { SimulatedBells } from './bells.ts';
import { SimulatedTime } from './clock.ts';
import { MemoryDeliveries } from './deliveries.ts';
import { simulatedFactory } from './factory.ts';
import { handedMutex } from './handed.ts';
import { simulatedMachines } from './machines.ts';
import { Life, type Tap } from './mortal.ts';
import { simulatedNeighbours } from './neighbours.ts';
import { MemoryJournal } from './store.ts';
import { SimulatedMutex } from './upgrade-mutex.ts';
import { Voices } from './voices.ts';
import { simulatedWorkloads } from './workloads.ts';

export const CLUSTER = 'homelab';
const RETENTION = { keep: 10, maxAgeMs: 30 * 86_400_000 };
const LEASE = { namespace: 'kube-system', name: 'talos-chatops' };
const FACTORY = 'factory.talos.dev';

/** The ports of one process. A test may put something between the process and the world. */
export interface ProcessPorts {
  readonly journal: Journal;
  readonly machines: Machines;
  readonly workloads: Workloads;
  readonly factory: ImageFactory;
  readonly backups: Backups;
  readonly neighbours: Neighbours;
}

export interface HouseOptions {
  readonly policy: Policy;
  readonly world?: Partial<WorldSettings>;
  readonly workloads?: WorkloadSet;
  /** True: an archive is configured, and etcd is copied before the control plane is touched. */
  readonly archived?: boolean;
  /** What Kubernetes says beside its nodes; by default it is not asked. */
  readonly estate?: EstateReader;
  /** True: etcd may be asked directly, so Talos's upgrade mutex is taken. */
  readonly guarded?: boolean;
  /** Another mutex than the house's own, such as one in a real etcd. */
  readonly mutexOf?: (house: House) => UpgradeMutex;
  /** True: the advisory Lease is taken. */
  readonly leased?: boolean;
  /** Milliseconds for which our certificate is still good; a year when left out. */
  readonly certificateMs?: number;
  /** Another house on the same cluster: time, world and Kubernetes are the same, stores and processes are not. */
  readonly beside?: House;
  /** Milliseconds between two looks at something that is awaited. */
  readonly pollMs?: number;
  /** False: nothing wakes a rollout but bells. */
  readonly sweeps?: boolean;
  /** The clock a process has, made from the right one; by default that itself. */
  readonly clockOf?: (owner: string, clock: Clock) => Clock;
}

/** One bot process: the driver, the sweep, an ear for bells, and the door for people. */
export interface BotProcess {
  readonly owner: string;
  readonly life: Life;
  readonly submit: Submit;
  readonly driver: Driver;
  /** kill -9. */
  kill(): void;
  /** SIGTERM: takes nothing new, and waits for acts in flight. */
  stop(limitMs: number): Promise<void>;
}

export class House {
  readonly time: SimulatedTime;
  readonly objects: KubernetesObjects;
  readonly world: World;
  readonly journal: MemoryJournal;
  readonly deliveries: MemoryDeliveries;
  readonly bells: SimulatedBells;
  readonly voices = new Voices();
  /** What the world and the store do when nobody stands in between. */
  readonly ports: ProcessPorts;
  /** Hear every call of every process. */
  readonly taps: Tap[] = [];
  readonly archive = new MemoryArchive();
  /** Talos's upgrade mutex; only asked when the house is guarded. */
  readonly mutex: SimulatedMutex;
  readonly #access: ReturnType<typeof simulatedAccess>;
  readonly #archived: boolean;
  readonly #estate: EstateReader | null;
  readonly #guarded: boolean;
  readonly #ownMutex: boolean;
  readonly #leased: boolean;
  readonly #mutexOf: (life: Life) => UpgradeMutex;
  readonly #pollMs: number;
  readonly #sweeps: boolean;
  readonly #clockOf: NonNullable<HouseOptions['clockOf']>;
  #policy: Policy;
  #processes: readonly BotProcess[] = [];
  #started = 0;

  constructor(options: HouseOptions) {
    const { world = {}, workloads, policy, pollMs = 200, sweeps = true } = options;
    const settings = worldSettings({ clusterName: CLUSTER, ...world });
    this.time = options.beside?.time ?? new SimulatedTime();
    this.#leased = options.leased ?? false;
    this.objects =
      options.beside?.objects ??
      new KubernetesObjects({
        clock: this.time,
        timings: { terminationMs: settings.drainMs },
        controlPlaneSchedulable: settings.workers === 0,
        ...(workloads === undefined ? {} : { workloads }),
      });
    this.world = options.beside?.world ?? new World({ settings, clock: this.time, kubernetes: this.objects });
    this.journal = new MemoryJournal(this.time);
    this.deliveries = new MemoryDeliveries(this.time, this.journal);
    this.bells = new SimulatedBells(this.time);
    this.#policy = policy;
    this.mutex = new SimulatedMutex(this.time);
    this.#access = simulatedAccess(this.time, options.certificateMs);
    this.#archived = options.archived ?? false;
    this.#estate = options.estate ?? null;
    this.#guarded = options.guarded ?? false;
    const { mutexOf } = options;
    this.#ownMutex = mutexOf === undefined;
    this.#mutexOf = (life) => mutexOf?.(this) ?? this.mutex.of(life);
    this.#pollMs = pollMs;
    this.#sweeps = sweeps;
    this.#clockOf = options.clockOf ?? ((_owner, clock) => clock);
    this.ports = {
      journal: this.journal,
      machines: simulatedMachines(this.world),
      workloads: simulatedWorkloads(this.objects),
      factory: simulatedFactory(this.world),
      backups: simulatedBackups(this.objects),
      neighbours: simulatedNeighbours(this.objects),
    };
  }

  /** Whether its rollouts take the house's own upgrade mutex. */
  get guarded(): boolean {
    return this.#guarded && this.#ownMutex;
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** The rules as they are from now on, as after a changed configuration file and a restart. */
  changePolicy(changed: Partial<Policy>): void {
    this.#policy = { ...this.#policy, ...changed };
  }

  /** What an engine is given of the cluster: through these ports, under the rules of this moment. */
  work(
    { machines, workloads, factory, backups, neighbours }: Omit<ProcessPorts, 'journal'> = this.ports,
    {
      archive = this.archive,
      mutex,
      lease,
      estate = this.#estate,
    }: {
      readonly archive?: Archive;
      readonly mutex?: UpgradeMutex;
      readonly lease?: AdvisoryLease;
      readonly estate?: EstateReader | null;
    } = {},
  ): ClusterWork {
    return {
      name: CLUSTER,
      access: this.#access,
      machines,
      workloads,
      backups,
      neighbours,
      ...(estate === null ? {} : { estate }),
      ...(this.#guarded && mutex !== undefined ? { mutex } : {}),
      ...(this.#leased && lease !== undefined ? { lease } : {}),
      ...(this.#archived ? { archiving: { archive, retention: RETENTION } } : {}),
      policy: this.#policy,
      factory: FACTORY,
      images: { factory, check: 'on' },
    };
  }

  get living(): readonly BotProcess[] {
    return this.#processes.filter(({ life }) => life.alive);
  }

  /** Starts a process with a name of its own on the same journal; `between` may put something before its ports. */
  start(between: (ports: ProcessPorts) => ProcessPorts = (ports) => ports): BotProcess {
    this.#started += 1;
    const life = new Life(`worker-${this.#started}`);
    const process = this.#furnish(life, between(this.ports));
    this.#processes = [...this.#processes, process];
    return process;
  }

  #furnish(life: Life, ports: ProcessPorts): BotProcess {
    const { owner } = life;
    const tap: Tap = {
      before: (call) => {
        for (const one of this.taps) one.before?.(call);
      },
      after: (call) => {
        for (const one of this.taps) one.after?.(call);
      },
    };
    const journal = life.port(ports.journal, tap);
    const own = {
      machines: life.port(ports.machines, tap),
      workloads: life.port(ports.workloads, tap),
      factory: life.port(ports.factory, tap),
      backups: life.port(ports.backups, tap),
      neighbours: life.port(ports.neighbours, tap),
    };
    const estate = this.#estate === null ? null : life.port(this.#estate, tap);
    const archive = life.port<Archive>(this.archive, tap);
    const mutex = life.port(handedMutex(this.#mutexOf(life), life, tap), tap);
    const bells = life.port(this.bells, tap);
    const clock = life.clock(this.#clockOf(owner, this.time.engineClock()));
    const desk = life.port<LeaseDesk>(simulatedLeaseDesk(this.objects, LEASE), tap);
    const lease = new ClusterLease({ desk, clock, where: LEASE });
    const log = this.voices.of(owner, life);
    const clusterOf = (cluster: string) =>
      cluster === CLUSTER ? this.work(own, { archive, mutex, lease, estate }) : null;
    const driver = createDriver({ journal, clock, log, owner, clusterOf, pollMs: this.#pollMs });
    const complain = (error: unknown): void =>
      log.error('a process is in trouble', { error: faultOf(error).message });
    const unhear = this.bells.hear((bell) => void driver.drive(bell.cluster, bell.rollout).catch(complain));
    const sweep = startSweep({
      journal,
      clusters: this.#sweeps ? [CLUSTER] : [],
      clock,
      onDue: (look) => driver.drive(look.cluster, look.rollout),
      onError: complain,
    });
    const policyOf = (cluster: string) => clusterOf(cluster)?.policy ?? null;
    return {
      owner,
      life,
      driver,
      submit: submitter({ journal, deliveries: life.port(this.deliveries, {}), bells, clock, policyOf }),
      kill: () => {
        life.end();
        unhear();
      },
      stop: async (limitMs) => {
        unhear();
        await Promise.all([sweep.stop(), driver.stop(limitMs)]);
        life.end();
      },
    };
  }
}

// Drives one rollout for as long as there is something to do: next → tasks → facts, until it sleeps or is over.
import { next, type Task } from '../rollout/next.ts';
import { waitsForPeople } from '../rollout/phase.ts';
import { isOver, type Rollout } from '../rollout/rollout.ts';
import { earlierHolders } from './guard.ts';
import { LeaseKeeper } from './lease.ts';
import { MutexKeeper } from './mutex.ts';
import { faultOf } from './ports/fault.ts';
import { LeaseLost, Session } from './session.ts';
import { runTask } from './tasks.ts';
import type { ClusterWork, DriveParts, TaskContext } from './work.ts';

export interface Driver {
  /** Drives until the rollout sleeps, is over, or the lease is lost. Resolves early when somebody else drives. */
  drive(cluster: string, rollout: string): Promise<void>;
  /** Tells a drive in this process that its journal may have moved. */
  nudge(rollout: string): void;
  /** A rollout as this process sees it while it drives it, or null: for doctors, and for the test that a replay says the same. */
  seen(rollout: string): Rollout | null;
  /** Stops starting things, gives the leases away at once, and waits at most `limitMs` for acts in flight. */
  stop(limitMs: number): Promise<void>;
}

/** A task that ended in an unexpected error is started again after this long, so that trouble is not a busy loop. */
const RETRY_MS = 1_000;
/** A rollout that has nothing to do although it should move is looked at, and complained about, this often. */
const MUTE_MS = 60_000;
const NOBODY: ReadonlySet<string> = new Set();

export function createDriver(parts: DriveParts): Driver {
  const driving = new Map<string, Drive>();
  const running = new Set<Promise<void>>();
  // A few short names per rollout: they are kept until the process ends.
  const sent = new Map<string, number>();
  let stopped = false;
  const waitedFor = (work: Promise<unknown>): Promise<void> => {
    const run = work.then(() => undefined).finally(() => running.delete(run));
    running.add(run);
    return run;
  };
  return {
    drive: async (cluster, id) => {
      const present = driving.get(id);
      if (present !== undefined) return present.nudge();
      const work = parts.clusterOf(cluster);
      if (stopped || work === null) return;
      const drive = new Drive({ ...parts, work, sent }, id, {
        over: () => driving.delete(id),
        leave: (rest) => void waitedFor(rest.catch(() => undefined)),
      });
      driving.set(id, drive);
      await waitedFor(drive.untilQuiet());
    },
    nudge: (id) => driving.get(id)?.nudge(),
    seen: (id) => driving.get(id)?.rollout ?? null,
    stop: async (limitMs) => {
      stopped = true;
      for (const drive of driving.values()) drive.stop();
      const over = new AbortController();
      await Promise.race([Promise.allSettled([...running]), parts.clock.sleep(limitMs, over.signal)]);
      over.abort();
    },
  };
}

interface DrivingParts extends DriveParts {
  readonly work: ClusterWork;
  readonly sent: Map<string, number>;
}

interface After {
  /** Nobody here drives it any more. */
  readonly over: () => void;
  /** Something of it is still in flight: a stop waits for that, and nobody else does. */
  readonly leave: (work: Promise<unknown>) => void;
}

class Drive {
  readonly #parts: DrivingParts;
  readonly #id: string;
  readonly #onOver: () => void;
  readonly #leave: (work: Promise<unknown>) => void;
  readonly #hands = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #wake: () => void = () => undefined;
  #nudged = false;
  #session: Session | null = null;

  constructor(parts: DrivingParts, id: string, after: After) {
    this.#parts = parts;
    this.#id = id;
    this.#onOver = after.over;
    this.#leave = after.leave;
  }

  get rollout(): Rollout | null {
    return this.#session?.rollout ?? null;
  }

  nudge(): void {
    this.#nudged = true;
    this.#wake();
  }

  stop(): void {
    this.#stopping.abort();
    // At once: what is being decided right now must not be written down from a look that was cut short.
    this.#session?.lost.abort();
    this.#wake();
  }

  /** A nudge that comes while the last run is ending must not be lost: it is a person's click. */
  async untilQuiet(): Promise<void> {
    try {
      do {
        this.#nudged = false;
        await this.#run();
      } while (this.#nudged && !this.#stopping.signal.aborted);
    } finally {
      // In the same turn as the last look at `nudged`: whoever nudges later must find no drive, and begin one.
      this.#onOver();
    }
  }

  async #run(): Promise<void> {
    const session = await Session.open(this.#parts, this.#parts.work.name, this.#id);
    if (session === null) return;
    this.#session = session;
    const done = new AbortController();
    const keeping = session.keep(done.signal);
    try {
      await this.#walk(session);
    } finally {
      done.abort();
      await keeping;
    }
  }

  async #walk(session: Session): Promise<void> {
    const over = new AbortController();
    const loops = AbortSignal.any([session.lost.signal, this.#stopping.signal, over.signal]);
    const keeper = this.#keeper();
    const lease = this.#lease();
    try {
      while (session.holds() && !this.#stopping.signal.aborted) {
        const { tasks, wakeAt } = next(session.rollout, session.now());
        keeper?.releaseAfterLane(session.rollout);
        for (const task of tasks) this.#start({ session, keeper, lease, loops }, task);
        if (this.#hands.size > 0) {
          await this.#change(session);
          continue;
        }
        // Whoever waits, or mends it with talosctl, is not kept out by a bot that does nothing (docs/decisions/0014).
        const { version } = session.rollout;
        await Promise.all([keeper?.release(), lease?.release(earlierHolders(session, 'lease'))]);
        // What came in meanwhile was not looked at yet: its Look must not be moved away.
        if (session.rollout.version !== version) continue;
        if (await session.letGo(this.#lookAt(session, wakeAt))) return;
      }
    } finally {
      over.abort();
      if (this.#stopping.signal.aborted) await session.surrender();
      // Acts in flight are never interrupted: their senders still write down how they ended (design.md 4.5).
      const quiet = Promise.allSettled(this.#hands.values()).then(() =>
        Promise.all([
          keeper?.end(session.rollout),
          // Whoever drives it by now may be one of those.
          lease?.end(
            session.rollout,
            session.lost.signal.aborted ? NOBODY : earlierHolders(session, 'lease'),
          ),
        ]),
      );
      // A call may be silent for long, and this may be the only worker: whoever looks next must find the rollout free.
      if (session.lost.signal.aborted && !this.#stopping.signal.aborted) this.#leave(quiet);
      else await quiet;
    }
    // Refused when somebody has appended meanwhile: what they wrote is read, and it is offered again.
    while (session.holds() && !(await session.letGo(session.now())));
  }

  /** When to look again. A rollout that waits for nobody and has nothing to do is our mistake: it says so, again and again. */
  #lookAt(session: Session, wakeAt: number | null): number | null {
    const { rollout } = session;
    if (wakeAt !== null || waitsForPeople(rollout.phase) || isOver(rollout)) return wakeAt;
    this.#parts.log.error('a rollout waits for nobody and has nothing to do', {
      rollout: rollout.id,
      phase: rollout.phase.phase,
    });
    return session.now() + MUTE_MS;
  }

  #keeper(): MutexKeeper | null {
    const { clock, log, work } = this.#parts;
    const { mutex } = work;
    return mutex === undefined ? null : new MutexKeeper({ mutex, clock, log, rollout: this.#id });
  }

  #lease(): LeaseKeeper | null {
    const { clock, log, owner, work } = this.#parts;
    const { lease } = work;
    return lease === undefined ? null : new LeaseKeeper({ lease, clock, log, owner, rollout: this.#id });
  }

  #start(walk: Pick<TaskContext, 'session' | 'keeper' | 'lease' | 'loops'>, task: Task): void {
    if (this.#hands.has(task.id)) return;
    const { clock, log, work, sent } = this.#parts;
    const { loops } = walk;
    const hand = runTask({ ...walk, parts: this.#parts, work, sent }, task)
      .catch(async (error: unknown) => {
        if (error instanceof LeaseLost || loops.aborted) return;
        const fault = faultOf(error);
        const about = { rollout: this.#id, task: task.id, error: fault.message };
        // Redis comes and goes; that is said in other lines, and no defect of ours.
        if (fault.kind === 'unreachable') log.warn('a task was cut short and is started again', about);
        else log.error('a task ended in an error and is started again', about);
        await clock.sleep(RETRY_MS, loops);
      })
      .finally(() => {
        this.#hands.delete(task.id);
        this.#wake();
      });
    this.#hands.set(task.id, hand);
  }

  /** Resolves when a hand is free, somebody nudges, or the lease is lost. */
  async #change(session: Session): Promise<void> {
    if (!this.#nudged) {
      await new Promise<void>((resolve) => {
        const tick = new AbortController();
        const woken = (): void => {
          tick.abort();
          session.lost.signal.removeEventListener('abort', woken);
          resolve();
        };
        this.#wake = woken;
        session.lost.signal.addEventListener('abort', woken, { once: true });
        // What others appended reaches us with each renewal; this tick only bounds how long `next` is not asked.
        void this.#parts.clock.sleep(this.#parts.pollMs, tick.signal).then(woken);
      });
      this.#wake = () => undefined;
    }
    if (!this.#nudged) return;
    this.#nudged = false;
    try {
      await session.refresh();
    } catch (error) {
      // The store is away. The next renewal tells what was appended, or the lease ends.
      this.#parts.log.warn('a journal could not be read', {
        rollout: this.#id,
        error: faultOf(error).message,
      });
    }
  }
}

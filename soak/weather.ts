// What stands between the processes of a walk and their world: a store that fails, wrong clocks, streams that fall silent, calls that arrive late.
import { SimulatedTime } from '../playground/doubles/clock.ts';
import type { ProcessPorts } from '../playground/doubles/house.ts';
import type { Clock } from '../src/engine/ports/clock.ts';
import { Fault } from '../src/engine/ports/fault.ts';
import type { Machines, May } from '../src/engine/ports/machines.ts';
import { Astray } from './astray.ts';
import type { Move } from './move.ts';

type StoreTrouble = Extract<Move, { do: 'store' }>['is'];

/** How long a slow store takes to answer, in milliseconds: less than a lease lasts, so that it is slow and not away. */
const SLOW_MS = 1_200;
/** How long a call to a store that is away waits before it is given up. */
const GIVEN_UP_MS = 500;
/** Calls of the journal and of the thread's record that write. */
const WRITES = ['append', 'take', 'renew', 'letGo', 'note', 'setSlot', 'setShown', 'closed', 'speak'];
/** Calls that are sent once, by the name the port gives them. */
export const SENT_ONCE = ['install', 'upgradeLegacy', 'reboot', 'rollback'] as const;

/** A call of which nobody knows any more, and that will arrive. */
export interface Wandering {
  readonly method: string;
  readonly address: string;
}

export class Weather {
  /** The time of the house; known once there is one. */
  time = new SimulatedTime();
  /** Kills the process of that name. */
  kill: (owner: string) => void = () => undefined;
  /** Hears that such a call has arrived after all. */
  arrived: (wandering: Wandering) => void = () => undefined;
  /** Calls still on their way after their sender is gone. */
  readonly wandering = new Set<Wandering>();
  /** Calls that arrive nowhere. */
  readonly astray = new Astray();
  #started = 0;
  #store: { readonly is: StoreTrouble; readonly owner: string | null; readonly until: number }[] = [];
  readonly #offsets = new Map<string, number>();
  #lateMs: number | null = null;
  #silent = false;
  #roughUntil = 0;

  /** Everything is well again, at once. Calls on their way stay on it. */
  clear(): void {
    this.#store = [];
    this.#offsets.clear();
    this.#lateMs = null;
    this.#silent = false;
    this.astray.clear();
  }

  /** Whether the store has been well for so many milliseconds. */
  fairFor(ms: number): boolean {
    return this.time.now() >= this.#roughUntil + ms;
  }

  storeIs(is: StoreTrouble, owner: string | null, ms: number): void {
    const until = this.time.now() + ms;
    this.#store.push({ is, owner, until });
    this.#roughUntil = Math.max(this.#roughUntil, until);
  }

  putClock(owner: string, ms: number): void {
    this.#offsets.set(owner, ms);
  }

  /** The next act that may be sent once goes astray. */
  loseNext(ms: number): void {
    this.#lateMs = ms;
  }

  silence(silent: boolean): void {
    this.#silent = silent;
  }

  readonly clockOf = (owner: string, clock: Clock): Clock => ({
    now: () => clock.now() + (this.#offsets.get(owner) ?? 0),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  });

  /** Processes are numbered in the order they start, as the house names them. */
  readonly between = (ports: ProcessPorts): ProcessPorts => {
    this.#started += 1;
    const owner = `worker-${this.#started}`;
    return {
      ...ports,
      journal: this.troubled(ports.journal, owner),
      machines: this.#throughDistance(ports.machines, owner),
    };
  };

  /** The store as this process has it. */
  troubled<T extends object>(store: T, owner: string): T {
    return new Proxy(store, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== 'function') return member;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          const ask = async (): Promise<unknown> => Reflect.apply(member, target, args);
          const now = this.time.now();
          const trouble = this.#store.find((one) => one.until > now && (one.owner ?? owner) === owner);
          switch (trouble?.is) {
            case undefined:
              return await ask();
            case 'away':
              await this.#passed(GIVEN_UP_MS);
              throw new Fault('unreachable', 'the store does not answer');
            case 'deaf':
              await ask();
              await this.#passed(GIVEN_UP_MS);
              throw new Fault('unreachable', 'the store did not answer in time');
            case 'full':
              if (WRITES.includes(String(key)))
                throw new Fault('busy', 'the store refused: OOM', { code: 'OOM' });
              return await ask();
            case 'slow':
              await this.#passed(SLOW_MS);
              return await ask();
          }
        };
      },
    });
  }

  #throughDistance(machines: Machines, owner: string): Machines {
    const astray = Object.fromEntries(
      SENT_ONCE.map((method) => [
        method,
        (address: string, ...rest: readonly unknown[]): unknown => {
          const send = (): unknown => Reflect.apply(machines[method], machines, [address, ...rest]);
          const lost = this.astray.takes({ method, address, may: mayOf(rest) });
          if (lost !== null) return Promise.resolve(lost);
          if (this.#lateMs === null) return send();
          this.#sendLate(this.#lateMs, { method, address }, send);
          this.kill(owner);
          return new Promise(() => undefined);
        },
      ]),
    );
    return {
      ...machines,
      ...astray,
      watch: (address, onSentence, signal) =>
        machines.watch(
          address,
          (...said) => {
            if (!this.#silent) onSentence(...said);
          },
          signal,
        ),
    };
  }

  #sendLate(ms: number, wandering: Wandering, send: () => unknown): void {
    this.#lateMs = null;
    this.wandering.add(wandering);
    this.time.after(ms, () => {
      this.wandering.delete(wandering);
      void Promise.resolve(send()).catch(() => undefined);
      this.arrived(wandering);
    });
  }

  #passed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.after(ms, resolve);
    });
  }
}

/** The last argument of such a call, or a part of it. */
function mayOf(rest: readonly unknown[]): May | undefined {
  const last = rest.at(-1);
  const may = typeof last === 'object' && last !== null && 'may' in last ? last.may : last;
  return typeof may === 'function' ? (may as May) : undefined;
}

// What kill -9 does to a process: nothing it awaited ever goes on, and nothing it would have called is called.
import type { Clock } from '../../src/engine/ports/clock.ts';

/** A call of a port, as whoever watches the border sees it. */
export interface PortCall {
  readonly owner: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Hears every call of one port: `before` may still prevent it by ending the life, `after` prevents only that its answer is heard. */
export interface Tap {
  before?(call: PortCall): void;
  after?(call: PortCall): void;
}

const NEVER: Promise<never> = new Promise(() => undefined);

function isMethod(member: unknown): member is (...args: readonly unknown[]) => unknown {
  return typeof member === 'function';
}

function isStream(given: unknown): given is AsyncIterable<unknown> {
  return typeof given === 'object' && given !== null && Symbol.asyncIterator in given;
}

/** One process, from its start until it is killed. */
export class Life {
  readonly owner: string;
  #alive = true;

  constructor(owner: string) {
    this.owner = owner;
  }

  get alive(): boolean {
    return this.#alive;
  }

  end(): void {
    this.#alive = false;
  }

  /** The same promise for the living; for the dead it never settles. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => {
          if (this.#alive) resolve(value);
        },
        (error: unknown) => {
          if (this.#alive) reject(error);
        },
      );
    });
  }

  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => this.guard(clock.sleep(ms, signal)),
    };
  }

  /** The port as this process has it: every method answers with a promise or a stream, and none once the process is dead. */
  port<T extends object>(port: T, tap: Tap): T {
    return new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (!isMethod(member) || typeof key !== 'string') return member;
        return (...args: readonly unknown[]): unknown => this.#call(target, member, { key, args, tap });
      },
    });
  }

  #call(
    target: object,
    member: (...args: readonly unknown[]) => unknown,
    { key, args, tap }: { readonly key: string; readonly args: readonly unknown[]; readonly tap: Tap },
  ): unknown {
    const call = { owner: this.owner, method: key, args };
    if (this.#alive) tap.before?.(call);
    if (!this.#alive) return NEVER;
    const given: unknown = Reflect.apply(
      member,
      target,
      args.map((arg) => this.#heardAlive(arg)),
    );
    if (isStream(given)) {
      tap.after?.(call);
      return this.#streamed(given);
    }
    const answer = Promise.resolve(given);
    // A rejection nobody hears any more is not an error of the test.
    answer.catch(() => undefined);
    tap.after?.(call);
    return this.guard(answer);
  }

  /** The pieces of a stream; for the dead the next one never comes. */
  async *#streamed(stream: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
    const pieces = stream[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.guard(pieces.next());
        if (done === true) return;
        yield value;
      }
    } finally {
      await pieces.return?.();
    }
  }

  /** Callbacks, also inside an options object, fall silent with the process. */
  #heardAlive(arg: unknown): unknown {
    if (typeof arg === 'function')
      return (...heard: readonly unknown[]): unknown =>
        this.#alive ? Reflect.apply(arg, undefined, heard) : undefined;
    if (typeof arg !== 'object' || arg === null || Object.getPrototypeOf(arg) !== Object.prototype)
      return arg;
    const entries = Object.entries(arg);
    if (!entries.some(([, value]) => typeof value === 'function')) return arg;
    return Object.fromEntries(entries.map(([name, value]) => [name, this.#heardAlive(value)]));
  }
}

// Asks pods to leave, and remembers of each that stays what was answered and when it is worth asking again.
import type { Blocker } from '../../rollout/blockade.ts';
import { eachOf } from '../bounded.ts';
import type { Clock } from '../ports/clock.ts';
import { Fault, faultOf } from '../ports/fault.ts';
import type { EvictAnswer, PodSeen, Workloads } from '../ports/workloads.ts';

/** Evictions in flight at a time (kubernetes.md 2.4). */
const EVICT_WIDTH = 10;
/** A "no" is asked again after this long, doubled up to the second figure, or when the server says. */
const RETRY_FROM_MS = 1_000;
const RETRY_TO_MS = 30_000;

/** Why a pod stays. webhook: one says "not now"; silent: nobody could tell, which may be over at the next look. */
export interface Standing {
  readonly cause: Exclude<Blocker['cause'], 'stuck' | 'comes-back'> | 'webhook' | 'busy' | 'silent';
  readonly why: string;
  readonly retryAt: number;
  /** Before this it is not asked again, whatever changes: the server said so, or it was asked just now. */
  readonly notBefore: number;
  readonly waitMs: number;
}

export class Evictions {
  readonly #workloads: Pick<Workloads, 'evict' | 'remove'>;
  readonly #clock: Clock;
  readonly #standing = new Map<string, Standing>();
  readonly #gone = new Set<string>();
  readonly #deleted = new Set<string>();

  constructor(workloads: Pick<Workloads, 'evict' | 'remove'>, clock: Clock) {
    this.#workloads = workloads;
    this.#clock = clock;
  }

  /** Pods that this process has sent away. */
  get count(): number {
    return this.#gone.size;
  }

  /** What was answered about this pod last; null when it was not asked, or let go. */
  standing(uid: string): Standing | null {
    return this.#standing.get(uid) ?? null;
  }

  /** Something has changed: it is worth asking as soon as it may be asked. */
  hurry(uid: string): void {
    const before = this.#standing.get(uid);
    if (before !== undefined)
      this.#standing.set(uid, { ...before, retryAt: Math.min(before.retryAt, before.notBefore) });
  }

  /**
   * Asks those whose time has come, side by side, and answers with those that go; `forced` are deleted instead. Never rejects. Once it
   * is over nobody else is asked, and the answers that are still out are not waited for: a webhook may take half a minute for each.
   */
  async ask(
    pods: readonly PodSeen[],
    forced: readonly string[],
    over: AbortSignal,
  ): Promise<readonly PodSeen[]> {
    const due = pods.filter(({ uid }) => {
      // What two people agreed to does not wait for a budget's next turn.
      const fresh = forced.includes(uid) && !this.#deleted.has(uid);
      return fresh || this.#clock.monotonic() >= (this.#standing.get(uid)?.retryAt ?? 0);
    });
    const all = eachOf(due, EVICT_WIDTH, async (pod) => {
      if (!over.aborted) this.#heard(pod, await this.#asked(pod, forced));
    });
    await unlessOver(all, over);
    return due.filter(({ uid }) => this.#gone.has(uid));
  }

  /** One pod about which the API fails must not keep the others from being asked. */
  async #asked(pod: PodSeen, forced: readonly string[]): Promise<EvictAnswer | Fault> {
    try {
      if (!forced.includes(pod.uid)) return await this.#workloads.evict(pod);
      this.#deleted.add(pod.uid);
      return await this.#workloads.remove(pod);
    } catch (error) {
      return faultOf(error);
    }
  }

  #heard({ uid }: PodSeen, answer: EvictAnswer | Fault): void {
    if (!(answer instanceof Fault) && (answer.kind === 'accepted' || answer.kind === 'gone')) {
      this.#standing.delete(uid);
      this.#gone.add(uid);
      return;
    }
    const before = this.#standing.get(uid);
    const waitMs = Math.min(RETRY_TO_MS, before === undefined ? RETRY_FROM_MS : before.waitMs * 2);
    const afterMs = !(answer instanceof Fault) && answer.kind === 'blocked' ? answer.retryAfterMs : 0;
    const now = this.#clock.monotonic();
    const notBefore = now + Math.max(afterMs, RETRY_FROM_MS);
    this.#standing.set(uid, {
      ...causeOf(answer),
      ...{ retryAt: Math.max(notBefore, now + waitMs), notBefore, waitMs },
    });
  }
}

async function unlessOver(work: Promise<unknown>, over: AbortSignal): Promise<void> {
  const done = new AbortController();
  const given = new Promise<void>((resolve) => {
    if (over.aborted) resolve();
    over.addEventListener('abort', () => resolve(), { once: true, signal: done.signal });
  });
  await Promise.race([work, given]);
  done.abort();
}

function causeOf(
  answer: Exclude<EvictAnswer, { kind: 'accepted' | 'gone' }> | Fault,
): Pick<Standing, 'cause' | 'why'> {
  if (!(answer instanceof Fault)) return { cause: answer.cause, why: answer.why };
  // Our credentials, or a certificate: only a person can change that.
  return { cause: answer.kind === 'refused' ? 'refused' : 'silent', why: answer.message };
}

// The loop that keeps every open thread in line with its journal, in whichever process is the speaker.
import { Fault } from '../engine/ports/fault.ts';
import type { Threads } from '../engine/ports/threads.ts';
import { Desk, type DeskParts } from './desk.ts';
import { promptly } from './promptly.ts';
import type { Speaker } from './speaker.ts';

/** People notice half a second; asking the store which threads are open costs one short read per cluster. */
const TICK_MS = 300;
/** A cluster whose server of the store has not answered by then is looked at later: the right to speak runs out while one waits. */
const OPEN_MS = 500;
/** What is told in the log of one that is away, and stays so. */
const SAY_EVERY_MS = 60_000;
/** What was used of the budget is written down with each use, and so often for its age alone. */
const LEAVE_EVERY_MS = 5_000;

type Open = Awaited<ReturnType<Threads['open']>>;

export interface AnnouncerParts extends Omit<DeskParts, 'liveCards'> {
  readonly threads: Threads;
  readonly speaker: Speaker;
  readonly clusters: readonly string[];
}

export class Announcer {
  readonly #parts: AnnouncerParts;
  readonly #desks = new Map<string, Desk>();
  #stopped = false;
  #bell = new AbortController();
  #running: Promise<void> | null = null;
  #spoke = false;
  /** Questions about a cluster's open threads that are not answered yet. */
  readonly #asking = new Map<string, Promise<Open>>();
  /** Per cluster: when the log was told last that it is away. */
  readonly #saidAt = new Map<string, number>();
  #left = { changes: 0, at: Number.NEGATIVE_INFINITY };

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopped = false;
    this.#running ??= this.#run();
  }

  /** Ends the loop, shows what is known by now, and gives the right to speak back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#bell.abort();
    await this.#running;
    this.#running = null;
    await this.#idle();
    await this.#tick().catch(() => undefined);
    await this.#idle();
    await this.#leave().catch(() => undefined);
    await this.#parts.speaker.release().catch(() => undefined);
  }

  async #idle(): Promise<void> {
    await Promise.all([...this.#desks.values()].map((desk) => desk.idle()));
  }

  /** Something happened: look at once instead of at the next tick. */
  nudge(): void {
    this.#bell.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#bell = new AbortController();
      await this.#tick().catch((error: unknown) => {
        this.#parts.log.warn('the open threads could not be read', { message: String(error) });
      });
      await this.#parts.clock.sleep(TICK_MS, this.#bell.signal);
    }
  }

  async #tick(): Promise<void> {
    const { speaker } = this.#parts;
    if (!(await speaker.keep())) {
      this.#spoke = false;
      return;
    }
    if (!this.#spoke) await this.#begin();
    this.#spoke = true;
    await this.#leave();
    const found = await this.#open();
    const versions = new Map<Desk, number>();
    for (const [cluster, open] of found)
      for (const { rollout, version } of open) versions.set(this.#desk(cluster, rollout), version);
    this.#clearAway(versions, new Set(found.keys()));
    const oldestFirst = [...versions].sort(([a], [b]) => a.lastEditAt - b.lastEditAt);
    for (const [desk, version] of oldestFirst) desk.visit(version);
  }

  /** Another process may have spoken until now: what it said is not known here, and what it used of the budget counts on. */
  async #begin(): Promise<void> {
    const { speaker, pace, clock } = this.#parts;
    for (const desk of this.#desks.values()) desk.forget();
    const inherited = await speaker.inherited();
    if (inherited !== null) pace.inherit(inherited, clock.monotonic());
  }

  /** Writes down what was used of the budget, for whoever speaks next. */
  async #leave(): Promise<void> {
    const { speaker, pace, clock } = this.#parts;
    const at = clock.monotonic();
    if (!speaker.speaking()) return;
    const { changes } = pace;
    if (changes === this.#left.changes && at - this.#left.at < LEAVE_EVERY_MS) return;
    const spent = pace.spent(at);
    if (changes === this.#left.changes && spent.editsAgoMs.length === 0 && spent.quietMs === 0) return;
    await speaker.leave(spent);
    this.#left = { changes, at };
  }

  /** The open threads of each cluster that could be asked: in a Redis Cluster one server may be away. Rejects when all are. */
  async #open(): Promise<ReadonlyMap<string, Open>> {
    const { clusters } = this.#parts;
    const asked = await Promise.allSettled(clusters.map((cluster) => this.#openOf(cluster)));
    const found = new Map<string, Open>();
    const away: (readonly [string, unknown])[] = [];
    for (const [at, cluster] of clusters.entries()) {
      const answer = asked[at];
      if (answer?.status === 'fulfilled') found.set(cluster, answer.value);
      else away.push([cluster, answer?.reason]);
    }
    const [first] = away;
    if (first !== undefined && found.size === 0) throw first[1];
    for (const [cluster, reason] of away) this.#sayAway(cluster, reason);
    return found;
  }

  async #openOf(cluster: string): Promise<Open> {
    const { threads, clock } = this.#parts;
    const asking =
      this.#asking.get(cluster) ?? threads.open(cluster).finally(() => this.#asking.delete(cluster));
    this.#asking.set(cluster, asking);
    const answer = await promptly(clock, asking, OPEN_MS);
    if (answer.kind === 'later') throw new Fault('unreachable', 'The store has not answered yet.');
    return answer.value;
  }

  #sayAway(cluster: string, reason: unknown): void {
    const { clock, log } = this.#parts;
    const now = clock.monotonic();
    if (now - (this.#saidAt.get(cluster) ?? Number.NEGATIVE_INFINITY) < SAY_EVERY_MS) return;
    this.#saidAt.set(cluster, now);
    log.warn('the open threads of a cluster could not be read', { cluster, message: String(reason) });
  }

  #desk(cluster: string, rollout: string): Desk {
    const key = `${cluster}/${rollout}`;
    const desk =
      this.#desks.get(key) ??
      new Desk({ ...this.#parts, liveCards: () => this.#desks.size }, { cluster, rollout });
    this.#desks.set(key, desk);
    return desk;
  }

  /** Threads that are no longer open, here or because another process closed them; of a cluster that is away nobody can say. */
  #clearAway(open: ReadonlyMap<Desk, number>, answered: ReadonlySet<string>): void {
    for (const [key, desk] of this.#desks)
      if (answered.has(desk.cluster) && !open.has(desk)) this.#desks.delete(key);
  }
}

// The loop that keeps every open thread in line with its journal, in whichever process is the speaker.
import type { Threads } from '../engine/ports/threads.ts';
import { Desk, type DeskParts } from './desk.ts';
import type { Speaker } from './speaker.ts';

/** People notice half a second; asking the store which threads are open costs one short read per cluster. */
const TICK_MS = 300;

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
    const { speaker, clusters, threads } = this.#parts;
    if (!(await speaker.keep())) {
      this.#spoke = false;
      return;
    }
    if (!this.#spoke) for (const desk of this.#desks.values()) desk.forget();
    this.#spoke = true;
    const versions = new Map<Desk, number>();
    for (const cluster of clusters) {
      for (const { rollout, version } of await threads.open(cluster))
        versions.set(this.#desk(cluster, rollout), version);
    }
    this.#clearAway(versions);
    const oldestFirst = [...versions].sort(([a], [b]) => a.lastEditAt - b.lastEditAt);
    for (const [desk, version] of oldestFirst) desk.visit(version);
  }

  #desk(cluster: string, rollout: string): Desk {
    const key = `${cluster}/${rollout}`;
    const desk =
      this.#desks.get(key) ??
      new Desk({ ...this.#parts, liveCards: () => this.#desks.size }, { cluster, rollout });
    this.#desks.set(key, desk);
    return desk;
  }

  /** Threads that are no longer open, here or because another process closed them. */
  #clearAway(open: ReadonlyMap<Desk, number>): void {
    for (const [key, desk] of this.#desks) if (!open.has(desk)) this.#desks.delete(key);
  }
}

// How old the marks "posting" of a thread are, by this process's own clock: the one who wrote them may have had another time of day.

/** After a crash between "posting" and its ts, the other process's call may still arrive this long: then it is posted again. */
const GRACE_MS = 3_000;

/** All times but `since` are milliseconds of a clock that only grows. */
export class PostingMarks {
  readonly #seen = new Map<string, { readonly since: number; readonly at: number }>();

  /** We are about to post, or we see that somebody was. `since`: the time of day in the mark, of whoever wrote it. */
  see(slot: string, since: number, now: number): void {
    if (this.#seen.get(slot)?.since !== since) this.#seen.set(slot, { since, at: now });
  }

  /** True while the call behind a mark that was seen may still arrive. */
  isFresh(slot: string, now: number): boolean {
    const seen = this.#seen.get(slot);
    return seen !== undefined && now - seen.at < GRACE_MS;
  }

  clear(slot: string): void {
    this.#seen.delete(slot);
  }
}

// Watches the memory of its own process while bytes pass through, and tells how much it grew once the process was warm.

/** Growth in bytes over what the process took when it was warm. */
export interface MemoryGrown {
  /** What is alive (heap and external memory, behind a garbage collection): what a leak or a buffer makes grow. */
  readonly liveBytes: number;
  /**
   * The resident memory as the system sees it, behind a garbage collection as well, at the end: the lower of the last two looks. How
   * much garbage lies about, and which parts of an upload are in flight, comes and goes; what grows with the stream stays.
   */
  readonly residentBytes: number;
  /** How often what is alive was looked at while warm: a growth without looks would say nothing. */
  readonly looks: number;
}

const MIB = 1_048_576;
/** Code, pools and the heap's first growth say nothing about the length of a stream: they are over by then. */
const WARM_BYTES = 64 * MIB;
/**
 * Looks at what is alive once warm. Each is a garbage collection, and those change what they look at: young buffers become old
 * ones, which then wait for the next collection. A few show what grows with the stream.
 */
const LOOKS = 4;

export class MemoryWatch {
  readonly #warmBytes: number;
  readonly #lookEveryBytes: number;
  readonly #collect: () => void;
  #bytes = 0;
  #nextLookAt = 0;
  #looks = 0;
  #warmLive = 0;
  #warmResident = 0;
  #peakLive = 0;
  readonly #residents: number[] = [];

  /** Throws when the process was not started with `--expose-gc`: without it garbage cannot be told from what is held. */
  constructor(expectedBytes: number) {
    const { gc } = globalThis;
    if (gc === undefined) throw new Error('memory is watched in a process that was started with --expose-gc');
    this.#collect = () => {
      // The memory of buffers is swept beside the program: a second collection begins by waiting for that.
      gc();
      gc();
    };
    this.#warmBytes = Math.min(WARM_BYTES, expectedBytes / 4);
    this.#lookEveryBytes = Math.max(1, (expectedBytes - this.#warmBytes) / LOOKS);
  }

  /** To be called for every piece that has passed. */
  passed(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#warmBytes) return;
    if (this.#bytes >= this.#nextLookAt) this.#look();
  }

  grown(): MemoryGrown {
    return {
      liveBytes: this.#peakLive - this.#warmLive,
      residentBytes: Math.max(0, Math.min(...this.#residents.slice(-2)) - this.#warmResident),
      looks: this.#looks,
    };
  }

  #look(): void {
    this.#nextLookAt = this.#bytes + this.#lookEveryBytes;
    this.#collect();
    const { heapUsed, external } = process.memoryUsage();
    const live = heapUsed + external;
    const resident = process.memoryUsage.rss();
    if (this.#looks === 0) {
      this.#warmLive = live;
      this.#warmResident = resident;
    }
    this.#looks += 1;
    this.#peakLive = Math.max(this.#peakLive, live);
    this.#residents.push(resident);
  }
}

/** The images a node has pulled, by containerd namespace (facts/talos-api.md 3.1). */
import type { WorldClock } from './clock.ts';
import type { InstallerImage } from './image.ts';

/** Talos collects images that nothing refers to after an hour. */
const KEPT_MS = 3_600_000;

export type ContainerdPlace = 'inmem' | 'system' | 'cri';

export class ImageStore {
  private readonly clock: WorldClock;
  private readonly images = new Map<string, { image: InstallerImage; atMs: number }>();

  constructor(clock: WorldClock) {
    this.clock = clock;
  }

  add(place: ContainerdPlace, image: InstallerImage): void {
    const entry = { image, atMs: this.clock.now() };
    for (const name of [image.ref, image.pinned, image.digest]) this.images.set(`${place} ${name}`, entry);
  }

  /** By tag form, pinned form or bare digest; null when absent or collected. */
  find(place: ContainerdPlace, name: string): InstallerImage | null {
    const entry = this.images.get(`${place} ${name}`);
    if (entry === undefined || this.clock.now() - entry.atMs > KEPT_MS) return null;
    return entry.image;
  }

  list(place: ContainerdPlace): readonly InstallerImage[] {
    const found = new Map<string, InstallerImage>();
    for (const [key, entry] of this.images) {
      if (!key.startsWith(`${place} `) || this.clock.now() - entry.atMs > KEPT_MS) continue;
      found.set(entry.image.ref, entry.image);
    }
    return [...found.values()];
  }

  /** A wiped disk holds nothing. */
  forgetAll(): void {
    this.images.clear();
  }

  /** Memory does not survive a boot: the in-memory containerd starts empty. */
  forgetInMemory(): void {
    for (const key of [...this.images.keys()]) if (key.startsWith('inmem ')) this.images.delete(key);
  }
}

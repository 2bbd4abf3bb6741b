/** What a machine writes down: the log of machined and the kernel's ring buffer, both gone after a boot. */
import { isoText, type WorldClock } from './clock.ts';

/** Lines kept of each: more than any one boot of a playground writes. */
const KEPT_LINES = 2_000;

export class MachineLog {
  private readonly clock: WorldClock;
  private machined: string[] = [];
  private kernel: string[] = [];
  /** When what machined says has begun did begin. */
  private readonly begins = new Map<string, { readonly what: string; readonly atMs: number }>();
  private readonly followers = new Set<(kind: 'machined' | 'dmesg', line: string) => void>();

  constructor(clock: WorldClock) {
    this.clock = clock;
  }

  /** A line of machined's ordinary logger; these appear in dmesg too, as on a real node. */
  info(text: string, atMs = this.clock.now()): void {
    this.add('machined', `${stamp(atMs)} [talos] ${text}`);
    this.dmesg(`[talos] ${text}`, atMs);
  }

  /** What machined says of a phase or a task that begins; `progress` such as `3/7`. */
  begun(name: string, progress: string, how: string, atMs = this.clock.now()): void {
    const what = `${name} (${progress})`;
    this.begins.set(name, { what, atMs });
    this.info(`${what}: ${how}`, atMs);
  }

  /** And when it ends, which is how long it took; nothing of what it did not say had begun. */
  done(name: string, atMs = this.clock.now()): void {
    const begun = this.begins.get(name);
    if (begun === undefined) return;
    this.begins.delete(name);
    this.info(`${begun.what}: done, ${lasted(atMs - begun.atMs)}`, atMs);
  }

  /** A line of its structured logger: own time, coloured level, text, fields as JSON; the log stamps it like any other. */
  structured(level: 'INFO' | 'WARN', text: string, fields: Readonly<Record<string, unknown>>): void {
    const nowMs = this.clock.now();
    const at = isoText(nowMs);
    const colour = level === 'INFO' ? 34 : 33;
    const json = JSON.stringify(fields).replaceAll('":', '": ').replaceAll(',"', ', "');
    this.add('machined', `${stamp(nowMs)} ${at} \u001b[${colour}m${level}\u001b[0m ${text} ${json}`);
  }

  dmesg(text: string, atMs = this.clock.now()): void {
    this.add('dmesg', `user: ${'warning'.padStart(7)}: [${isoText(atMs)}]: ${text}`);
  }

  lines(kind: 'machined' | 'dmesg'): readonly string[] {
    return kind === 'machined' ? this.machined : this.kernel;
  }

  follow(kind: 'machined' | 'dmesg', listener: (line: string) => void): () => void {
    const follower = (of: 'machined' | 'dmesg', line: string): void => {
      if (of === kind) listener(line);
    };
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }

  clear(): void {
    this.machined = [];
    this.kernel = [];
    this.begins.clear();
  }

  private add(kind: 'machined' | 'dmesg', line: string): void {
    const lines = kind === 'machined' ? this.machined : this.kernel;
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    for (const follower of this.followers) follower(kind, line);
  }
}

/** A duration as Go writes it. */
export function lasted(ms: number): string {
  return ms >= 1_000 || ms === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

/** What the log's writer puts before every line, whoever wrote it. */
function stamp(atMs: number): string {
  const at = isoText(atMs);
  return `${at.slice(0, 10).replaceAll('-', '/')} ${at.slice(11, 23)}000`;
}

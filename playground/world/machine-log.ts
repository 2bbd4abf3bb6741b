/** What a machine writes down: the log of machined and the kernel's ring buffer, both gone after a boot. */
import type { WorldClock } from './clock.ts';

/** Lines kept of each: more than any one boot of a playground writes. */
const KEPT_LINES = 2_000;

export class MachineLog {
  private readonly clock: WorldClock;
  private machined: string[] = [];
  private kernel: string[] = [];
  private readonly followers = new Set<(kind: 'machined' | 'dmesg', line: string) => void>();

  constructor(clock: WorldClock) {
    this.clock = clock;
  }

  /** A line of machined's ordinary logger; these appear in dmesg too, as on a real node. */
  info(text: string, atMs = this.clock.now()): void {
    this.add('machined', `${stamp(atMs)} [talos] ${text}`);
    this.dmesg(`[talos] ${text}`, atMs);
  }

  /** A line of its structured logger: own time, coloured level, text, fields as JSON; the log stamps it like any other. */
  structured(level: 'INFO' | 'WARN', text: string, fields: Readonly<Record<string, unknown>>): void {
    const nowMs = this.clock.now();
    const at = new Date(nowMs).toISOString();
    const colour = level === 'INFO' ? 34 : 33;
    const json = JSON.stringify(fields).replaceAll('":', '": ').replaceAll(',"', ', "');
    this.add('machined', `${stamp(nowMs)} ${at} \u001b[${colour}m${level}\u001b[0m ${text} ${json}`);
  }

  dmesg(text: string, atMs = this.clock.now()): void {
    this.add('dmesg', `user: ${'warning'.padStart(7)}: [${new Date(atMs).toISOString()}]: ${text}`);
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
  }

  private add(kind: 'machined' | 'dmesg', line: string): void {
    const lines = kind === 'machined' ? this.machined : this.kernel;
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    for (const follower of this.followers) follower(kind, line);
  }
}

/** What the log's writer puts before every line, whoever wrote it. */
function stamp(atMs: number): string {
  const at = new Date(atMs).toISOString();
  return `${at.slice(0, 10).replaceAll('-', '/')} ${at.slice(11, 23)}000`;
}

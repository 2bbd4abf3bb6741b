/** Events of a machine, as its Events stream tells them (facts/talos-api.md 2.2), and their ring buffer. */
import type { WorldClock } from './clock.ts';

export type Stage =
  | 'booting'
  | 'installing'
  | 'maintenance'
  | 'running'
  | 'rebooting'
  | 'shutting down'
  | 'resetting'
  | 'upgrading';

export interface UnmetCondition {
  readonly name: 'time' | 'network' | 'services' | 'staticPods' | 'nodeReady';
  readonly reason: string;
}

export interface MachineStatus {
  readonly stage: Stage;
  /** Always true outside booting and running: look at the stage first. */
  readonly ready: boolean;
  readonly unmet: readonly UnmetCondition[];
}

export type SequenceName = 'boot' | 'initialize' | 'install' | 'upgrade' | 'stageUpgrade' | 'reboot';

export type MachineEvent =
  | {
      readonly kind: 'sequence';
      readonly sequence: SequenceName;
      readonly action: 'noop' | 'start' | 'stop';
      readonly error?: { readonly code: 'fatal' | 'locked' | 'canceled'; readonly message: string };
    }
  | { readonly kind: 'phase'; readonly phase: string; readonly action: 'start' | 'stop' }
  | { readonly kind: 'task'; readonly task: string; readonly action: 'start' | 'stop' }
  | { readonly kind: 'machine-status'; readonly status: MachineStatus }
  | {
      readonly kind: 'service';
      readonly service: string;
      readonly action: 'running' | 'stopping' | 'finished' | 'starting';
      readonly healthy: boolean;
      readonly message: string;
    }
  | { readonly kind: 'restart'; readonly command: number };

export interface RecordedEvent {
  /** An xid: sortable by time. */
  readonly id: string;
  /** Empty for what controllers publish. */
  readonly actorId: string;
  readonly atMs: number;
  readonly event: MachineEvent;
}

/** What the real ring buffer holds (990 of 1000 are readable). */
const READABLE_EVENTS = 990;

const XID_DIGITS = '0123456789abcdefghijklmnopqrstuv';

/** An xid: 12 bytes (seconds, five fixed bytes, counter) as 20 digits of base 32. */
export function xid(atMs: number, machine: number, counter: number): string {
  const seconds = BigInt(Math.floor(atMs / 1000));
  const bytes = (seconds << 64n) | (BigInt(machine) << 24n) | BigInt(counter & 0xffffff);
  let rest = bytes << 4n;
  let text = '';
  for (let digit = 0; digit < 20; digit += 1) {
    text = (XID_DIGITS[Number(rest & 31n)] ?? '0') + text;
    rest >>= 5n;
  }
  return text;
}

/** The events of one machine since it booted, and who listens. */
export class EventLog {
  private readonly clock: WorldClock;
  private readonly machine: number;
  private counter = 0;
  private events: RecordedEvent[] = [];
  private readonly listeners = new Set<(event: RecordedEvent) => void>();

  constructor(clock: WorldClock, machine: number) {
    this.clock = clock;
    this.machine = machine;
  }

  /** A new id in the same series as the events. */
  nextId(): string {
    this.counter += 1;
    return xid(this.clock.now(), this.machine, this.counter);
  }

  publish(event: MachineEvent, actorId = ''): void {
    this.record(event, actorId, this.clock.now());
  }

  /** Records what happened at an earlier time than now. */
  recall(event: MachineEvent, atMs: number): void {
    this.record(event, '', atMs);
  }

  private record(event: MachineEvent, actorId: string, atMs: number): void {
    this.counter += 1;
    const recorded = { id: xid(atMs, this.machine, this.counter), actorId, atMs, event };
    this.events.push(recorded);
    if (this.events.length > READABLE_EVENTS) this.events.shift();
    for (const listener of this.listeners) listener(recorded);
  }

  /** What is retained, oldest first. */
  retained(): readonly RecordedEvent[] {
    return this.events;
  }

  subscribe(listener: (event: RecordedEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The buffer is in memory: a boot empties it. */
  clear(): void {
    this.events = [];
  }
}

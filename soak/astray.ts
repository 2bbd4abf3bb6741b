// Calls that make a node leave and are lost for good: they never arrive, or half of what they ask for is done; later ones are withdrawn.
import { otherEntry, reverted } from '../playground/world/bootloader.ts';
import type { Machine } from '../playground/world/machine.ts';
import { type ActReply, Fault } from '../src/engine/ports/fault.ts';
import type { May } from '../src/engine/ports/machines.ts';
import type { Move } from './move.ts';

type Going = Omit<Extract<Move, { do: 'astray' }>, 'do'>;

/** One call on its way out. */
export interface Call {
  readonly method: string;
  readonly address: string;
  readonly may: May | undefined;
}

export class Astray {
  /** The machine at an address; known once there is a house. */
  machineAt: (address: string) => Machine | undefined = () => undefined;
  #next: Going | null = null;
  /** By address: how many calls are withdrawn from now on. */
  readonly #withdrawn = new Map<string, number>();

  loses(next: Going): void {
    this.#next = next;
  }

  clear(): void {
    this.#next = null;
    this.#withdrawn.clear();
  }

  /** What its sender hears instead of an answer of the machine; null = it goes its way. */
  takes({ method, address, may }: Call): ActReply<never> | null {
    const left = this.#withdrawn.get(address) ?? 0;
    if (left > 0) {
      this.#withdrawn.set(address, left - 1);
      return { kind: 'withdrawn', fault: new Fault('unreachable', 'no way to it for a moment') };
    }
    const next = this.#next;
    const machine = this.machineAt(address);
    if (next === null || machine === undefined || method === 'install') return null;
    if (next.is === 'half' && (method !== 'rollback' || !hasOtherEntry(machine))) return null;
    if (!machine.listening || may?.() === false) return null;
    if (next.is === 'half') turn(machine);
    this.#next = null;
    this.#withdrawn.set(address, next.withdrawn);
    return { kind: 'lost', fault: new Fault('unreachable', 'the connection broke before the reply') };
  }
}

function hasOtherEntry({ parts }: Machine): boolean {
  return otherEntry(parts.state.bootloader) !== null;
}

/** Rollback turns the entry at once and restarts afterwards: here its restart fails. */
function turn({ node, parts: { log, state, counters } }: Machine): void {
  log.info('rollback via API received');
  state.bootloader = reverted(state.bootloader);
  counters.count(node.name, 'rollbacks');
}

// Since when something is wrong in the simulated cluster: a proof may be as old as a survey takes, and no older.
import type { House } from '../playground/doubles/house.ts';
import { isTrue } from '../playground/world/kubernetes/objects.ts';
import type { Machine } from '../playground/world/machine.ts';

/** Whether Kubernetes says Ready of a node. */
export function nodeReady({ objects }: House, name: string): boolean {
  const answer = objects.api.get('nodes', undefined, name);
  return answer.kind === 'object' && isTrue(answer.object.status.conditions, 'Ready');
}

/** What may be wrong: a node is away; of the control plane also: its member is away or has no vote, or raised an alarm. */
export type Trouble = 'away' | 'no-voter' | 'alarm';

export class Standing {
  readonly #house: House;
  readonly #since = new Map<string, number>();

  constructor(house: House) {
    this.#house = house;
    this.#look();
    house.world.onChange(() => this.#look());
  }

  /** Whether it has been so for longer than this, in milliseconds. */
  longer(trouble: Trouble, node: string, ms: number): boolean {
    this.#look();
    const since = this.#since.get(`${trouble} ${node}`);
    return since !== undefined && this.#house.time.now() - since > ms;
  }

  #look(): void {
    const { world, time } = this.#house;
    const now = time.now();
    for (const machine of world.machines()) {
      const { name, role } = machine.node;
      this.#note(`away ${name}`, !(machineUp(machine) && nodeReady(this.#house, name)), now);
      if (role === 'worker') continue;
      const member = world.etcd.member(name);
      this.#note(`no-voter ${name}`, member === undefined || !member.up || member.learner, now);
      this.#note(`alarm ${name}`, (member?.alarm ?? null) !== null, now);
    }
  }

  #note(what: string, is: boolean, now: number): void {
    if (!is) this.#since.delete(what);
    else if (!this.#since.has(what)) this.#since.set(what, now);
  }
}

/** Up and well by itself: what it runs, not how it can be reached. */
function machineUp(machine: Machine): boolean {
  const { stage, unmet } = machine.status();
  return machine.listening && !machine.parts.knobs.poweredOff && stage === 'running' && unmet.length === 0;
}

// The bot's processes on a stage: who runs, and how one is killed, ended in good order, and started again.
import type { Role } from '../src/config-role.ts';
import type { BotProcess } from './bot-process.ts';

export interface Member {
  readonly name: string;
  readonly role: Role;
}

/** One process that does everything. */
export const ALONE: readonly Member[] = [{ name: 'bot', role: 'all' }];
/** Two that hear and speak, two that touch clusters. */
export const REPLICAS: readonly Member[] = [
  { name: 'bot-1', role: 'bot' },
  { name: 'bot-2', role: 'bot' },
  { name: 'worker-1', role: 'worker' },
  { name: 'worker-2', role: 'worker' },
];

export type StartMember = (member: Member) => Promise<BotProcess>;

export class Crew {
  readonly #members: readonly Member[];
  readonly #start: StartMember;
  readonly #running = new Map<string, BotProcess>();
  /** Whose facts are whose, also of processes that are gone. */
  readonly #names = new Map<string, string>();
  readonly #killed: string[] = [];

  constructor(members: readonly Member[], start: StartMember) {
    this.#members = members;
    this.#start = start;
  }

  /** How those that were killed signed their facts, in order. */
  get killed(): readonly string[] {
    return this.#killed;
  }

  /** The first one: the only one where there is one. */
  get first(): string {
    return this.#members[0]?.name ?? '';
  }

  /** Who signs so, by the name on this stage; null for a stranger. */
  nameOf(owner: string): string | null {
    return this.#names.get(owner) ?? null;
  }

  /** The process id of a running one; null when it does not run. */
  pidOf(name: string): number | null {
    return this.#running.get(name)?.pid ?? null;
  }

  /** Starts those named, or everybody; resolves when all of them are ready. */
  async start(...names: readonly string[]): Promise<void> {
    const wanted = this.#members.filter(({ name }) => names.length === 0 || names.includes(name));
    await Promise.all(
      wanted.map(async (member) => {
        const started = await this.#start(member);
        this.#running.set(member.name, started);
        this.#names.set(started.owner, member.name);
      }),
    );
  }

  /** kill -9; resolves when it is gone. */
  async kill(name: string): Promise<void> {
    const process = this.#take(name);
    this.#killed.push(process.owner);
    await process.kill();
  }

  /** SIGTERM; resolves when it is gone. */
  async stop(name: string): Promise<void> {
    await this.#take(name).stop();
  }

  /** Everybody at once, in good order. */
  async end(): Promise<void> {
    await Promise.allSettled([...this.#running.keys()].map((name) => this.stop(name)));
  }

  #take(name: string): BotProcess {
    const process = this.#running.get(name);
    if (process === undefined) throw new Error(`${name} does not run on this stage`);
    this.#running.delete(name);
    return process;
  }
}

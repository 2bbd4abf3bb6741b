// The people of a scenario: they read the thread, type and press buttons through the local Slack, and nothing else.
import { decodeButton } from '../../src/bot/button-value.ts';
import { faultOf } from '../../src/engine/ports/fault.ts';
import type { Entry, Outcome } from '../../src/rollout/event.ts';
import { fold } from '../../src/rollout/evolve.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import type { Message } from '../slack/contract.ts';
import { CLUSTER, type Stage } from '../stage.ts';

export type Who = 'requester' | 'approver' | 'secondApprover' | 'bystander';

/** By who asked: the two who may approve it. */
const APPROVERS = {
  requester: ['approver', 'secondApprover'],
  approver: ['requester', 'secondApprover'],
  secondApprover: ['requester', 'approver'],
} as const satisfies Partial<Record<Who, readonly [Who, Who]>>;

/** How often people look at the thread. */
const LOOK_MS = 25;
/** More rollouts than any scenario asks for. */
const MOST_ROLLOUTS = 50;

export class Troupe {
  readonly stage: Stage;
  /** Clicks that were refused privately. */
  refusedClicks = 0;
  readonly #say: (line: string) => void;
  readonly #patienceMs: number;
  readonly #said = new Map<string, string>();

  constructor(stage: Stage, say: (line: string) => void, patienceMs: number) {
    this.stage = stage;
    this.#patienceMs = patienceMs;
    this.#say = say;
  }

  user(who: Who): string {
    return this.stage.slack.users[who];
  }

  get channel(): string {
    return this.stage.slack.channels.platform;
  }

  async command(who: Who, text: string): Promise<void> {
    this.#say(`${who}: ${text}`);
    const reply = await this.stage.slack.command(this.user(who), this.channel, text);
    if (!reply.ok) throw new Error(`${text} was not accepted: ${reply.error}`);
  }

  /** Presses a button as soon as it is there and answers what is asked now. `node` narrows to the card about that node. */
  async press(who: Who, actionId: string, node?: string): Promise<void> {
    const label = node === undefined ? actionId : `${actionId} (${node})`;
    let message: string | null = null;
    await this.until(`the button ${label}`, async () => {
      const found = this.button(actionId, node);
      message = found !== null && (await this.#isAsked(found, actionId)) ? found.ts : null;
      return message !== null;
    });
    if (message === null) throw new Error(`the button ${label} went away`);
    this.#say(`${who} presses ${label}`);
    await this.stage.slack.action({
      user: this.user(who),
      channel: this.channel,
      message,
      action_id: actionId,
    });
  }

  /** Cards of earlier questions keep their buttons until they are edited, which is at Slack's pace; whoever presses one is told so. */
  async #isAsked({ buttons }: Message, actionId: string): Promise<boolean> {
    const meant = decodeButton(buttons.find(({ action_id: id }) => id === actionId)?.value);
    const rollouts = await this.rollouts();
    const about = rollouts.findIndex(({ id }) => id === meant?.rollout);
    const rollout = rollouts[about];
    if (meant === null || rollout === undefined) return true;
    const isCurrent = meant.occasion === null || [...rollout.occasions.values()].includes(meant.occasion);
    return isCurrent && about === rollouts.length - 1;
  }

  /** Presses a button that this person may not press, and waits for the private refusal. The card may go on meanwhile; they are not in it. */
  async pressInVain(who: Who, actionId: string, node?: string): Promise<void> {
    const before = this.privately(who).length;
    const acts = await this.#actsOf(who);
    await this.press(who, actionId, node);
    await this.until(`a private refusal of ${actionId}`, () => this.privately(who).length > before);
    if ((await this.#actsOf(who)) !== acts) throw new Error(`the refused click of ${who} was written down`);
    this.refusedClicks += 1;
  }

  /** How many facts of all journals are this person's. */
  async #actsOf(who: Who): Promise<number> {
    const user = this.user(who);
    const facts = (await this.journals()).flat();
    return facts.filter(({ by }) => by.kind === 'person' && by.user === user).length;
  }

  /** The newest message that carries this button, about this node. A gate's card names others too: it begins with its own. */
  button(actionId: string, node?: string): Message | null {
    const gate = actionId.startsWith('gate:');
    const about = ({ text, blocks }: Message): boolean =>
      node === undefined || (gate ? text.startsWith(`${node} in `) : JSON.stringify(blocks).includes(node));
    return (
      this.everything().findLast((m) => m.buttons.some((b) => b.action_id === actionId) && about(m)) ?? null
    );
  }

  /** All messages of the channel and its threads as this person (or any script) sees them, oldest first. */
  everything(user?: string): readonly Message[] {
    const { slack } = this.stage;
    const asked = user === undefined ? {} : { user };
    const parents = slack.messages(this.channel, asked);
    const replies = parents
      .filter((parent) => parent.replyCount > 0)
      .flatMap((parent) => slack.messages(this.channel, { ...asked, thread: parent.ts }))
      .filter((message) => !parents.some((parent) => parent.ts === message.ts));
    return [...parents, ...replies].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  }

  privately(who: Who): readonly Message[] {
    return this.everything(this.user(who)).filter((message) => message.ephemeral);
  }

  /** Prints what is new in the channel since the last call. */
  read(): void {
    for (const message of this.everything()) {
      if (this.#said.get(message.ts) === message.text) continue;
      const again = this.#said.has(message.ts)
        ? 'edits'
        : message.thread_ts === undefined
          ? 'posts'
          : 'replies';
      this.#said.set(message.ts, message.text);
      this.#say(`${message.userName} ${again}: ${message.text}`);
    }
  }

  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + this.#patienceMs;
    for (;;) {
      this.read();
      if (await holds()) return;
      if (Date.now() > end) throw new Error(`waited ${this.#patienceMs / 1000} s in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Every rollout of this scenario as its journal tells it, oldest first. */
  rollouts(): Promise<readonly Rollout[]> {
    return this.#again(() => this.#rollouts());
  }

  /** Their journals, oldest rollout first. */
  journals(): Promise<readonly (readonly Entry[])[]> {
    return this.#again(async () => {
      const ids = await this.stage.journal.recent(CLUSTER, MOST_ROLLOUTS);
      return await Promise.all(ids.toReversed().map((id) => this.stage.journal.read(CLUSTER, id)));
    });
  }

  /** The newest journal; empty before there is one. */
  async journal(): Promise<readonly Entry[]> {
    return (await this.journals()).at(-1) ?? [];
  }

  /** Which process of the stage drives: the one that wrote the newest fact of a driver. Null before there is one. */
  async driver(): Promise<string | null> {
    const last = (await this.journal()).findLast(({ by }) => by.kind === 'driver');
    return last?.by.kind === 'driver' ? this.stage.crew.nameOf(last.by.name) : null;
  }

  /** The newest one; null before there is one. */
  rollout(): Promise<Rollout | null> {
    return this.#again(async () => {
      const [id] = await this.stage.journal.recent(CLUSTER, 1);
      return id === undefined ? null : fold(await this.stage.journal.read(CLUSTER, id));
    });
  }

  async #rollouts(): Promise<readonly Rollout[]> {
    const ids = await this.stage.journal.recent(CLUSTER, MOST_ROLLOUTS);
    const folded = await Promise.all(ids.map(async (id) => fold(await this.stage.journal.read(CLUSTER, id))));
    return folded.filter((rollout) => rollout !== null).reverse();
  }

  /** On a busy machine Redis may be silent for a moment; people look again. */
  async #again<T>(read: () => Promise<T>): Promise<T> {
    const end = Date.now() + this.#patienceMs;
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (faultOf(error).kind !== 'unreachable' || Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
  }

  /** Waits for the newest rollout's end and for the thread to show it. */
  async end(): Promise<Outcome> {
    let outcome: Outcome | null = null;
    await this.until('the end of the rollout', async () => {
      const rollout = await this.rollout();
      outcome = rollout?.phase.phase === 'finished' ? rollout.phase.outcome : null;
      return outcome !== null;
    });
    this.read();
    if (outcome === null) throw new Error('a rollout ended without an outcome');
    return outcome;
  }

  async held(): Promise<void> {
    await this.until('the rollout to be held', async () => (await this.rollout())?.phase.phase === 'held');
  }

  /** Approves the next gate as soon as it is open, and waits until it is passed. Does nothing where the rollout went on without one. */
  async approveNext(who: Who, first: (node: string) => Promise<void> = async () => undefined): Promise<void> {
    await this.until('a gate', async () => (await this.rollout())?.phase.phase === 'at-gate');
    const rollout = await this.rollout();
    if (rollout?.phase.phase !== 'at-gate') return;
    const { gate } = rollout.phase;
    const node = gate.replace(/^gate:/, '');
    await first(node);
    await this.press(who, 'gate:approve', node);
    await this.until(
      `${gate} to be passed`,
      async () => (await this.rollout())?.gates.get(gate)?.state === 'passed',
    );
  }

  /**
   * Approves each control-plane gate as it comes, the two who did not ask for it in turn; a bystander and whoever asked try the first one
   * in vain before.
   */
  async approveAll(nodes: number): Promise<void> {
    const asker = await this.#asker();
    const [one, other] = APPROVERS[asker];
    for (let turn = 0; turn < nodes; turn += 1) {
      await this.approveNext(turn % 2 === 0 ? one : other, async (node) => {
        if (turn > 0) return;
        await this.pressInVain('bystander', 'gate:approve', node);
        await this.pressInVain(asker, 'gate:approve', node);
      });
    }
  }

  /** Who asked for the newest rollout. Where two people asked at once, only the journal knows. */
  async #asker(): Promise<keyof typeof APPROVERS> {
    const rollout = await this.rollout();
    for (const who of ['requester', 'approver', 'secondApprover'] as const)
      if (this.user(who) === rollout?.user) return who;
    throw new Error(`nobody of the troupe asked for the newest rollout, but ${rollout?.user ?? 'nobody'}`);
  }
}

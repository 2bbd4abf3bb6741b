// A channel that we may not write in: nobody sees the thread, so the requester at least learns why.
import type { SlotCalls, Whose } from './slot-calls.ts';
import { privateMessage } from './views/refusal.ts';
import { channelLink, mrkdwn } from './views/text.ts';

/** Of one thread. */
export class Door {
  readonly #calls: Pick<SlotCalls, 'tell'>;
  #told = false;

  constructor(calls: Pick<SlotCalls, 'tell'>) {
    this.#calls = calls;
  }

  /** Another process may have spoken meanwhile. */
  forget(): void {
    this.#told = false;
  }

  /** Said once. Never rejects. */
  async knock(rollout: Whose): Promise<void> {
    if (this.#told) return;
    this.#told = true;
    const where = channelLink(rollout.channel);
    await this.#calls.tell(
      rollout,
      privateMessage(
        mrkdwn`I may not write in ${where}, so the plan cannot be shown. Invite me there with \`/invite\`; I try again by myself.`,
      ),
    );
  }
}

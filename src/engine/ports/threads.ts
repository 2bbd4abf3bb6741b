// What the speaker remembers of a rollout's thread: which slot is which Slack message, and what it showed last.

export type SlotState =
  /** Written before posting: after a crash the message may or may not exist. */
  | { readonly kind: 'posting'; readonly since: number }
  | {
      readonly kind: 'posted';
      readonly ts: string;
      /** Over what it shows; '' while that is not known, because an edit is not answered. */
      readonly hash: string;
      /** An edit was lost that may still be made, over what is shown now: it is to be said once more. */
      readonly again?: true;
    };

export interface ThreadRecord {
  readonly slots: Readonly<Record<string, SlotState>>;
  /** The journal version the thread shows. */
  readonly shown: number;
}

/** What was used of a workspace's budget lately, told without a time of day: two processes may disagree on that. */
export interface Spent {
  /** How long ago each edit of the last minute was, in milliseconds, oldest first. */
  readonly editsAgoMs: readonly number[];
  /** How long Slack still wants quiet, in milliseconds. */
  readonly quietMs: number;
}

/** Every method rejects with Fault `unreachable` when the store does not answer in time. */
export interface Threads {
  read(cluster: string, rollout: string): Promise<ThreadRecord>;
  setSlot(cluster: string, rollout: string, slot: string, state: SlotState | null): Promise<void>;
  setShown(cluster: string, rollout: string, version: number): Promise<void>;
  /** Rollouts of this cluster whose thread may still change, with the journal's present version. */
  open(cluster: string): Promise<readonly { readonly rollout: string; readonly version: number }[]>;
  /** The rollout is over and its thread shows the end: it leaves `open`. */
  closed(cluster: string, rollout: string): Promise<void>;
  /** Becomes or stays the one speaker of the workspace for `ms`; false when another process is. */
  speak(workspace: string, owner: string, ms: number): Promise<boolean>;
  /** What the last speaker left, as it wrote it down; null when that is no longer of interest, or was never written. */
  spent(workspace: string): Promise<Spent | null>;
  /** Kept for a minute, or as long as Slack wants quiet. */
  setSpent(workspace: string, spent: Spent): Promise<void>;
}

// How much the store keeps and carries at most, each with its reason. The in-process double has the same limits.

/** Ids kept for `recent`: more than anybody scrolls through in Slack. Journals themselves are never removed. */
export const MOST_RECENT = 200;
/** Events of one append: a decision makes a handful; Lua's unpack ends at about 8,000. */
export const MOST_EVENTS = 100;
/** Entries per round trip: a page stays below a few MB, and other clients get their turn between pages. */
export const READ_PAGE = 1_000;
/** Chatter for display: nodes of the largest cluster, a line of a card, and as long as anybody would look at it. */
export const MOST_NOTED_NODES = 1_000;
export const NOTE_CHARS = 300;
export const NOTES_LIVE_MS = 3_600_000;
/** Open threads the speaker is told of at a time, latest change first: far more than its budget of edits can serve. */
export const MOST_OPEN = 500;
/** The Look of a rollout that only an append wakes: the year 9999. It keeps "unfinished, so it has a Look" without an exception. */
export const FAR_LOOK = 253_402_300_799_000;
/** Seconds after which a replica that acknowledged nothing counts as absent: they acknowledge once a second by themselves. */
export const REPLICA_SILENCE_S = 5;
/** Milliseconds an append waits for its replicas: a thousand times what a healthy one takes, and well below a command's own limit. */
export const REPLICA_LIMIT_MS = 1_000;

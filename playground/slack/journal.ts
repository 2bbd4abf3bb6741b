// What was said to and by the app: counters for the scenarios, the last entries for the curious.

/** `GET /ctl/counters`: what the bot asked of Slack. `rejected`: refused as invalid, injected outages not counted. */
export type Counters = {
  readonly calls: number;
  readonly rejected: number;
  readonly rateLimited: number;
  /** By method, and the reasons of the last 100 rejected calls. */
  readonly byMethod: Readonly<Record<string, number>>;
  readonly rejections: readonly {
    readonly method: string;
    readonly error: string;
    readonly detail: string;
  }[];
};

/** `GET /ctl/journal?last=N`: the last frames and calls, for the curious. */
export type JournalEntry = {
  readonly atMs: number;
  readonly kind: 'call' | 'frame-out' | 'frame-in' | 'response-url' | 'fault' | 'person';
  readonly name: string;
  readonly detail: unknown;
};

/** Enough to read back one upgrade, little enough to forget. */
const KEPT_ENTRIES = 2000;
const KEPT_REJECTIONS = 100;

export type Rejection = { readonly method: string; readonly error: string; readonly detail: string };

export type Journal = {
  readonly note: (kind: JournalEntry['kind'], name: string, detail: unknown) => void;
  /** One call of a Web API method. */
  readonly called: (method: string) => void;
  readonly rateLimited: () => void;
  /** The app sent something Slack would not take. */
  readonly rejected: (rejection: Rejection) => void;
  readonly counters: () => Counters;
  readonly last: (count: number) => readonly JournalEntry[];
};

export const createJournal = (now: () => number): Journal => {
  const entries: JournalEntry[] = [];
  const rejections: Rejection[] = [];
  const byMethod: Record<string, number> = {};
  let calls = 0;
  let rejected = 0;
  let rateLimited = 0;
  return {
    note: (kind, name, detail) => {
      entries.push({ atMs: now(), kind, name, detail });
      if (entries.length > KEPT_ENTRIES) entries.shift();
    },
    called: (method) => {
      calls += 1;
      byMethod[method] = (byMethod[method] ?? 0) + 1;
    },
    rateLimited: () => {
      rateLimited += 1;
    },
    rejected: (rejection) => {
      rejected += 1;
      rejections.push(rejection);
      if (rejections.length > KEPT_REJECTIONS) rejections.shift();
    },
    counters: () => ({
      calls,
      rejected,
      rateLimited,
      byMethod: { ...byMethod },
      rejections: [...rejections],
    }),
    last: (count) => entries.slice(-count),
  };
};

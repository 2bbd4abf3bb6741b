// The wire contract of the local Slack: everything its web page and scripts send and receive, as plain JSON.
//
// Rules that hold everywhere:
// * every answer carries `ok`; a refusal is `{ok: false, error, hint}` with HTTP 200 (403 for a foreign page, 404 for a path that is not there)
// * POST bodies are JSON; ids and `ts` are opaque strings; times named `…Ms` are milliseconds since 1970
// * the page re-reads `GET /state` when `GET /sse` says `changed`; nothing is pushed but that small word
// * static files of page/ are served at `/`; a permalink leads to `/?channel=C…&message=ts[&thread=ts]`

/** A Block Kit block exactly as the bot sent it, every `block_id` and `action_id` filled in. */
export type Block = { readonly type: string; readonly block_id: string; readonly [field: string]: unknown };

/** Somebody one can be (or the bot itself, `kind: 'bot'`, or Slackbot, who brings notices). */
export type Person = {
  readonly id: string;
  /** The handle, without `@`. */
  readonly name: string;
  readonly realName: string;
  readonly title: string;
  /** `kind` is for the people switcher: whom it makes sense to be. */
  readonly kind: 'requester' | 'approver' | 'bystander' | 'bot' | 'slackbot';
  /** Background of the avatar, `#rrggbb`; the avatar itself is the initials of `realName`. */
  readonly color: string;
  /** Minutes east of UTC, for `<!date^…>`. */
  readonly tzOffsetMinutes: number;
};

export type Channel = {
  readonly id: string;
  /** Without `#`. For a direct message: the name of the other side. */
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly topic: string;
  readonly members: readonly string[];
  readonly botIsMember: boolean;
  /** Messages since the last `POST /ctl/read` of this person; `mentions` of them name this person. Threads count when one is in them. */
  readonly unread: number;
  readonly mentions: number;
  /** The `ts` of the last message this person has read; draw the "New" line after it. */
  readonly lastRead: string;
};

/** A button in a form a script can use; the page draws `blocks` instead. */
export type Button = {
  readonly text: string;
  readonly action_id: string;
  readonly block_id: string;
  readonly value?: string;
  readonly url?: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: Confirm;
};

/** A confirm dialog is the page's affair alone: send nothing before the person agreed. */
export type Confirm = {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny: string;
  readonly style?: 'primary' | 'danger';
};

export type Message = {
  readonly ts: string;
  readonly channel: string;
  /** Set on every message of a thread, also on its first one (then equal to `ts`). */
  readonly thread_ts?: string;
  /** A reply that was also sent to the channel. */
  readonly broadcast?: true;
  readonly user: string;
  readonly userName: string;
  readonly fromBot: boolean;
  /** mrkdwn with Slack's escapes (`&lt;`, `<@U…>`, `<!date^…>`). Draw it only when there are no blocks. */
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly buttons: readonly Button[];
  /** "Only visible to you." Only ever sent to the person who may see it. */
  readonly ephemeral: boolean;
  /** A notice by Slack itself (a command that failed, an unknown command), drawn greyer; always ephemeral. */
  readonly notice?: true;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly reactions: readonly { readonly name: string; readonly users: readonly string[] }[];
  readonly files: readonly FileInfo[];
  /** First message of a thread only. */
  readonly replyCount: number;
  readonly replyUsers: readonly string[];
  readonly latestReply?: string;
};

export type FileInfo = {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly sizeBytes: number;
  /** Path on this server. */
  readonly url: string;
  /** The first 2,000 characters of a text file. */
  readonly preview?: string;
};

/** What people have typed or chosen: block_id → action_id → Slack's state object of that element. */
export type StateValues = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
>;

export type View = {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly title: string;
  readonly submit?: string;
  readonly close?: string;
  readonly callback_id: string;
  readonly blocks: readonly Block[];
  readonly hash: string;
  /** Set while the app's last answer was `response_action: errors`: block_id → sentence. */
  readonly errors: Readonly<Record<string, string>>;
  /** Values the server already knows (initial values, values of earlier actions). */
  readonly state: { readonly values: StateValues };
};

export type Command = {
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
  /** Built into Slack (`/invite`), not the app's. */
  readonly builtin?: true;
};

/** `GET /state?user=U…[&channel=C…][&thread=ts]`: all a page shows to one person. */
export type State = {
  readonly ok: true;
  /** Grows with every change; equal revisions show the same. */
  readonly revision: number;
  readonly nowMs: number;
  readonly workspace: { readonly id: string; readonly name: string; readonly domain: string };
  readonly app: {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    readonly color: string;
    readonly botUser: string;
    readonly homeTab: boolean;
    readonly messagesTab: boolean;
    /** Open sockets; 0 means that the app does not listen. */
    readonly sockets: number;
  };
  readonly me: Person;
  readonly people: readonly Person[];
  /** Channels first, then the direct message with the app. Only those the person is in. */
  readonly channels: readonly Channel[];
  /** Of `?channel=`, oldest first, thread replies left out (unless broadcast), ephemerals of this person included. */
  readonly messages: readonly Message[];
  /** Of `?channel=&thread=`: its first message and all replies, oldest first. Empty when not asked for. */
  readonly thread: readonly Message[];
  /** The open modals of this person, bottom first; only the last is shown. */
  readonly views: readonly View[];
  /** What the app published for this person, or null until it did. */
  readonly home: View | null;
  readonly commands: readonly Command[];
};

/**
 * `GET /sse?user=U…`: server-sent events.
 * `changed` (data: `{revision}`) whenever something of `/state` may look different, at most one per 30 ms;
 * `cluster` (data: `{}`) when `GET /ctl/cluster` changed, at most one per 100 ms. The first event comes at once.
 */
export type SseEvent = 'changed' | 'cluster';

/** The shape of every refusal. `hint` is one sentence for a person; `errors` belongs to views: block_id → sentence. */
export type Refused = {
  readonly ok: false;
  readonly error: string;
  readonly hint: string;
  readonly errors?: Readonly<Record<string, string>>;
};

export type Done = { readonly ok: true };

/**
 * `POST /ctl/command`: type a command. `text` with its slash: `/talos upgrade`. Answers when the app acknowledged it (≤ 3 s), or refuses:
 * `unknown_command`, `operation_timeout`, `not_in_channel`, `no_app`, `thread_not_supported`. The person sees the same as a notice.
 */
export type CommandRequest = {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
  /** Commands do not work in threads; with it, the call is refused as Slack does. */
  readonly thread_ts?: string;
};

/**
 * `POST /ctl/action`: press a button, choose from a menu, in a message or a view. Where: `message` (a ts) in `channel`, or `view` (an id), or
 * only `channel` (+ `thread`): then the newest message that has such a button. Which: `action_id` (+ `block_id`), or `button` = its text.
 * `node` narrows to messages or buttons that name this word. `value`: narrows to the button with that value; for menus, the chosen value(s).
 * `values`: what the other inputs of the same message or view hold now. Refuses: `no_such_button`, `ambiguous_button`, `message_not_found`,
 * `operation_timeout`.
 */
export type ActionRequest = {
  readonly user: string;
  readonly channel?: string;
  readonly thread?: string;
  readonly message?: string;
  readonly view?: string;
  readonly action_id?: string;
  readonly block_id?: string;
  readonly button?: string;
  readonly node?: string;
  readonly value?: string | readonly string[] | null;
  readonly values?: InputValues;
};

export type ActionDone = Done & {
  readonly message?: string;
  readonly view?: string;
  readonly action_id: string;
};

/** block_id → action_id → what it holds: text, the chosen value(s), a date `YYYY-MM-DD`, a user id; null = empty. */
export type InputValues = Readonly<Record<string, Readonly<Record<string, InputValue>>>>;
export type InputValue = string | readonly string[] | null;
/**
 * `POST /ctl/submit`: submit a modal. Refuses with `errors` as `invalid_input` (a required field, seen by Slack itself) or `view_errors` (the
 * app's own); `operation_timeout`; `view_not_found`. After ok the modal is closed, replaced, or has another on top: read `/state`.
 */
export type SubmitRequest = { readonly user: string; readonly view: string; readonly values?: InputValues };

/** `POST /ctl/close`: close one modal, or with `all` the whole stack (the X in the corner). */
export type CloseRequest = { readonly user: string; readonly view: string; readonly all?: boolean };

/** `POST /ctl/suggest`: what an external select offers for the text typed so far. */
export type SuggestRequest = {
  readonly user: string;
  readonly view?: string;
  readonly channel?: string;
  readonly message?: string;
  readonly action_id: string;
  readonly block_id?: string;
  readonly value: string;
};
export type Suggested = Done & {
  readonly options: readonly SuggestedOption[];
  readonly option_groups?: readonly {
    readonly label: unknown;
    readonly options: readonly SuggestedOption[];
  }[];
};
export type SuggestedOption = {
  readonly text: unknown;
  readonly value: string;
  readonly description?: unknown;
};

/** `POST /ctl/message`: write in a channel or thread. `@name`, `#channel` and links in `text` become what Slack makes of them. */
export type MessageRequest = {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
  readonly thread_ts?: string;
};
export type MessageDone = Done & { readonly ts: string };
/** `POST /ctl/home`: open the Home tab of the app; the app hears `app_home_opened` and may publish a view. */
export type HomeRequest = { readonly user: string };
/** `POST /ctl/read`: the person has seen this channel (`ts`: up to here; without it: all). */
export type ReadRequest = { readonly user: string; readonly channel: string; readonly ts?: string };

/** `GET /ctl/messages?channel=…[&thread=…][&user=…]`: as `State.messages` or `.thread`; without `user` no ephemerals, `user=*` all of them. */
export type Messages = Done & { readonly messages: readonly Message[] };

/** A fault one can inject. */
export type FaultKind = {
  readonly name: string;
  /** One sentence that says what will happen. */
  readonly sentence: string;
  readonly params: readonly FaultParam[];
};
export type FaultParam = {
  readonly name: string;
  readonly sentence: string;
  readonly kind: 'text' | 'number' | 'node' | 'person' | 'channel' | 'choice';
  readonly choices?: readonly string[];
  /** Without it the parameter must be given. */
  readonly default?: string | number;
};

/** `GET /ctl/faults`. `POST /ctl/fault {name, …params}`: Slack's own names start with `slack-`, all others go to the cluster. */
export type Faults = Done & { readonly slack: readonly FaultKind[]; readonly cluster: readonly FaultKind[] };
export type FaultRequest = { readonly name: string; readonly [param: string]: unknown };
/** `GET /ctl/cluster`: what the provider's `snapshot()` returned, or null without a cluster. */
export type ClusterState = Done & { readonly cluster: unknown };

/** The simulated cluster as the local Slack knows it: something to show and to break. Given at start; optional. */
export type ClusterProvider = {
  readonly snapshot: () => unknown;
  readonly faults: () => readonly FaultKind[];
  /** Rejects with an Error whose message is one sentence when the name or a parameter is wrong. */
  readonly inject: (name: string, params: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Calls back after every change; the returned function stops that. */
  readonly onChange: (callback: () => void) => () => void;
};

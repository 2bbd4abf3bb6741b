// Posting and editing, with Slack's answers translated into what the announcer has to do about them.
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRequestError, type WebClient } from '@slack/web-api';
import { type Marker, metadataOf } from './marker.ts';
import type { Message } from './views/blocks.ts';
import { askedToWaitMs } from './when-allowed.ts';

/**
 * gone: the message (or its thread) is no more; no-door: we may not write there until somebody changes that; unfit: Slack refuses the
 * contents, our mistake; frozen: it is there and may not be edited any more; busy: not now, certainly not sent (afterMs: for the whole workspace); lost: perhaps sent.
 */
export type Sent =
  | { readonly kind: 'sent'; readonly ts: string }
  | { readonly kind: 'gone' | 'no-door' | 'unfit' | 'frozen'; readonly code: string }
  | { readonly kind: 'busy'; readonly code: string; readonly afterMs: number }
  | { readonly kind: 'lost'; readonly code: string };

export type Trouble = Exclude<Sent, { kind: 'sent' }>;

const KINDS: Readonly<Record<string, 'gone' | 'no-door' | 'unfit' | 'frozen'>> = {
  message_not_found: 'gone',
  thread_not_found: 'gone',
  cannot_reply_to_message: 'gone',
  channel_not_found: 'no-door',
  not_in_channel: 'no-door',
  is_archived: 'no-door',
  restricted_action: 'no-door',
  restricted_action_read_only_channel: 'no-door',
  invalid_blocks: 'unfit',
  invalid_blocks_format: 'unfit',
  msg_too_long: 'unfit',
  msg_blocks_too_long: 'unfit',
  no_text: 'unfit',
  invalid_arguments: 'unfit',
  cant_update_message: 'frozen',
  edit_window_closed: 'frozen',
  is_inactive: 'frozen',
};

/** When Slack says "too many" without saying for how long. */
const BUSY_MS = 2_000;

/** Neither links nor names in what we send are Slack's to guess. */
const QUIET = { unfurl_links: false, unfurl_media: false } as const;

export interface Place {
  readonly channel: string;
  readonly thread: string | null;
  /** A reply that is shown in the channel too. */
  readonly loud: boolean;
}

/** Never rejects. */
export async function post(
  client: WebClient,
  place: Place,
  { message, marker }: { readonly message: Message; readonly marker: Marker },
): Promise<Sent> {
  try {
    const { text, blocks } = message;
    const contents = { channel: place.channel, text, blocks, metadata: metadataOf(marker), ...QUIET };
    const answer =
      place.thread === null
        ? await client.chat.postMessage(contents)
        : await client.chat.postMessage({
            ...contents,
            thread_ts: place.thread,
            reply_broadcast: place.loud,
          });
    return answer.ts === undefined ? { kind: 'lost', code: 'no_ts' } : { kind: 'sent', ts: answer.ts };
  } catch (error) {
    return troubleOf(error);
  }
}

/** Puts a file into a thread. Slack does not say which message it became. Never rejects. */
export async function upload(
  client: WebClient,
  at: { readonly channel: string; readonly thread: string },
  { name, text, word }: { readonly name: string; readonly text: string; readonly word: string },
): Promise<Sent> {
  try {
    await client.filesUploadV2({
      channel_id: at.channel,
      thread_ts: at.thread,
      filename: name,
      title: name,
      content: text,
      initial_comment: word,
    });
    return { kind: 'sent', ts: 'file' };
  } catch (error) {
    return uploadTroubleOf(error);
  }
}

/** Never rejects. */
export async function edit(
  client: WebClient,
  at: { channel: string; ts: string },
  message: Message,
): Promise<Sent> {
  try {
    await client.chat.update({ channel: at.channel, ts: at.ts, text: message.text, blocks: message.blocks });
    return { kind: 'sent', ts: at.ts };
  } catch (error) {
    return troubleOf(error);
  }
}

/** A file goes to a host of its own, and the library tells some of what happens there in errors without a code. */
function uploadTroubleOf(error: unknown): Trouble {
  try {
    return troubleOf(error);
  } catch {
    return { kind: 'lost', code: 'upload_failed' };
  }
}

export function troubleOf(error: unknown): Trouble {
  const afterMs = askedToWaitMs(error);
  if (afterMs !== null) return { kind: 'busy', code: 'ratelimited', afterMs };
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    const kind = KINDS[code];
    if (kind !== undefined) return { kind, code };
    return { kind: 'busy', code, afterMs: code === 'ratelimited' ? BUSY_MS : 0 };
  }
  if (error instanceof WebAPIHTTPError) return { kind: 'lost', code: `http_${error.statusCode}` };
  if (error instanceof WebAPIRequestError) return { kind: 'lost', code: 'request_failed' };
  throw error;
}

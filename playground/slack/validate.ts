// Strict Block Kit validation: what the local Slack refuses, and what the bot's render tests assert about every message and view.
import { z } from 'zod';
import { isRecord } from './json.ts';
import { validateBlocks } from './validate/payload.ts';
import { type Problem, problemsOf } from './validate/problem.ts';
import { plain } from './validate/text.ts';

export type { Problem };

/** chat.update refuses more; chat.postMessage cuts at ten times that. The stricter reading for both. */
const TEXT_LIMIT = 4000;
const METADATA_TYPE_LIMIT = 255;
const VIEW_LIMIT_BYTES = 250_000;

const shared = {
  blocks: z.unknown(),
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
};

const modal = z.strictObject({
  type: z.literal('modal'),
  ...shared,
  title: plain(24),
  submit: plain(24).optional(),
  close: plain(24).optional(),
  clear_on_close: z.boolean().optional(),
  notify_on_close: z.boolean().optional(),
  submit_disabled: z.boolean().optional(),
});
const home = z.strictObject({ type: z.literal('home'), ...shared });
const view = z.discriminatedUnion('type', [modal, home]);

const metadata = z.strictObject({
  event_type: z.string().min(1).max(METADATA_TYPE_LIMIT),
  event_payload: z.record(z.string(), z.unknown()),
});

/**
 * Everything Slack would refuse in the payload of chat.postMessage, chat.update, chat.postEphemeral or a response_url.
 * Source: facts/slack.md 3.5.
 */
export const validateMessage = (payload: unknown): Problem[] => {
  if (!isRecord(payload)) return [{ pointer: '', message: 'must be an object' }];
  const text = payload['text'];
  const blocks = payload['blocks'];
  const problems: Problem[] = [];
  if (text !== undefined && typeof text !== 'string')
    problems.push({ pointer: '/text', message: 'must be a string' });
  if ((text === undefined || text === '') && !(Array.isArray(blocks) && blocks.length > 0))
    problems.push({ pointer: '/text', message: 'needs text or blocks', code: 'no_text' });
  if (typeof text === 'string' && text.length > TEXT_LIMIT)
    problems.push({
      pointer: '/text',
      message: `must have ${TEXT_LIMIT} characters at most, has ${text.length}`,
      code: 'msg_too_long',
    });
  if (blocks !== undefined) problems.push(...validateBlocks(blocks, 'message'));
  if (payload['metadata'] !== undefined)
    problems.push(...problemsOf(metadata, payload['metadata'], '/metadata'));
  return problems;
};

const hasInput = (blocks: unknown): boolean =>
  Array.isArray(blocks) && blocks.some((block) => isRecord(block) && block['type'] === 'input');

/** Everything Slack would refuse in a modal or a Home tab. Source: facts/slack.md 3.5. */
export const validateView = (payload: unknown): Problem[] => {
  const problems = problemsOf(view, payload, '');
  if (!isRecord(payload)) return problems;
  const type = payload['type'];
  if (type === 'modal' || type === 'home') problems.push(...validateBlocks(payload['blocks'], type));
  if (type === 'modal' && hasInput(payload['blocks']) && payload['submit'] === undefined)
    problems.push({ pointer: '/submit', message: 'is needed when a modal has input blocks' });
  const sizeBytes = Buffer.byteLength(JSON.stringify(payload));
  if (sizeBytes > VIEW_LIMIT_BYTES)
    problems.push({
      pointer: '',
      message: `is ${sizeBytes} bytes, ${VIEW_LIMIT_BYTES} at most`,
      code: 'view_too_large',
    });
  return problems;
};

// What a validator says: where, and what is wrong.
import type { z } from 'zod';

export type Problem = {
  /** JSON pointer into the payload, `/blocks/0/text/text`. */
  readonly pointer: string;
  readonly message: string;
  /** Slack's error code when it is not the ordinary one (`invalid_blocks`, or `invalid_arguments` for views). */
  readonly code?: 'msg_too_long' | 'msg_blocks_too_long' | 'view_too_large' | 'no_text' | 'duplicate_id';
};

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Every issue of a parse as problems; `at` is the pointer of the parsed value. */
export const problemsOf = (schema: z.ZodType, value: unknown, at: string): Problem[] => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => ({
    pointer: at + pointerOf(issue.path),
    message: issue.message,
  }));
};

// The modal behind Deny: a reason is welcome, and not required.
import type { ModalView } from '@slack/types';
import type { ButtonValue } from '../button-value.ts';
import { plain, section } from './blocks.ts';
import { code, mrkdwn } from './text.ts';
import { nodeOfGate } from './words.ts';

export const DENY = { callback: 'gate:deny', block: 'reason', action: 'text' } as const;
/** Shown in the thread and kept in the journal: a sentence or two. */
export const MAX_REASON = 500;

/** Where a private answer to the submission goes. Read by the app only; carries no authority. */
export interface DenyContext {
  readonly button: ButtonValue;
  readonly channel: string | null;
  readonly thread: string | null;
}

export function denyModal(context: DenyContext): ModalView {
  const { button } = context;
  const node = nodeOfGate(button.gate ?? '');
  return {
    type: 'modal',
    callback_id: DENY.callback,
    private_metadata: JSON.stringify(context),
    title: plain('Deny this gate', 24),
    submit: plain('Deny', 24),
    close: plain('Not now', 24),
    blocks: [
      section(
        mrkdwn`${code(node)} in *${button.cluster}* stays as it is, and the rollout ends. Nodes that are done stay on their new version.`,
      ),
      {
        type: 'input',
        block_id: DENY.block,
        optional: true,
        label: plain('Why?', 100),
        hint: plain('Everybody in the channel can read it.', 150),
        element: {
          type: 'plain_text_input',
          action_id: DENY.action,
          multiline: true,
          max_length: MAX_REASON,
        },
      },
    ],
  };
}

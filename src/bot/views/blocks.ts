// Block Kit pieces inside the limits of facts/slack.md 3.5, so that no view has to think of them.
import type { Button, KnownBlock, PlainTextElement } from '@slack/types';
import { clipped, joined, type Mrkdwn } from './text.ts';

/** What is sent: blocks for eyes, and one full sentence for screen readers and notifications. */
export interface Message {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Slack takes 3,000 characters in a section and cuts nothing itself; its counting is not documented, so a margin of 5 %. */
const MAX_SECTION = 2_850;
const MAX_HEADER = 150;
const MAX_BUTTON = 75;
/** chat.update refuses more than 4,000 characters of text. */
const MAX_TEXT = 3_000;

export function message(text: Mrkdwn, blocks: readonly (KnownBlock | null)[]): Message {
  return { text: whole(text.mrkdwn, MAX_TEXT), blocks: blocks.filter((block) => block !== null) };
}

export function plain(text: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: clipped(text, max) || '–', emoji: false };
}

export function header(text: string): KnownBlock {
  return { type: 'header', text: plain(text, MAX_HEADER) };
}

/** `verbatim`: Slack must not look for names and links in it by itself. */
function text(piece: Mrkdwn): { type: 'mrkdwn'; text: string; verbatim: true } {
  return { type: 'mrkdwn', text: whole(piece.mrkdwn, MAX_SECTION) || '–', verbatim: true };
}

export function section(piece: Mrkdwn): KnownBlock {
  return { type: 'section', text: text(piece) };
}

/** Fields stand in two columns; at most ten. */
export function fields(pieces: readonly Mrkdwn[]): KnownBlock {
  return { type: 'section', fields: pieces.slice(0, 10).map(text) };
}

export function context(...pieces: readonly Mrkdwn[]): KnownBlock {
  return { type: 'context', elements: pieces.slice(0, 10).map(text) };
}

export function divider(): KnownBlock {
  return { type: 'divider' };
}

/** As few sections as hold all lines; a line is never torn apart. */
export function packed(rows: readonly Mrkdwn[]): KnownBlock[] {
  const sections: Mrkdwn[][] = [];
  let room = 0;
  for (const row of rows) {
    const length = row.mrkdwn.length + 1;
    if (length > room) {
      sections.push([]);
      room = MAX_SECTION;
    }
    sections.at(-1)?.push(row);
    room -= length;
  }
  return sections.map((rowsOfOne) => section(joined(rowsOfOne, '\n')));
}

/** Cuts an over-long piece without tearing a mention, a link or an entity apart. */
function whole(piece: string, max: number): string {
  if (piece.length <= max) return piece;
  const cut = piece.slice(0, max - 1);
  const open = cut.lastIndexOf('<');
  const torn = open > cut.lastIndexOf('>') ? cut.slice(0, open) : cut;
  return `${torn.replace(/&[a-z]{0,3}$/, '').replace(/[\ud800-\udbff]$/, '')}…`;
}

export interface ButtonSpec {
  readonly label: string;
  /** What a screen reader says: the label with its target. */
  readonly spoken: string;
  readonly action: string;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: Confirmation;
}

export interface Confirmation {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly style?: 'primary' | 'danger';
}

export function button(spec: ButtonSpec): Button {
  return {
    type: 'button',
    text: plain(spec.label, MAX_BUTTON),
    accessibility_label: clipped(spec.spoken, MAX_BUTTON),
    action_id: spec.action,
    value: spec.value,
    ...(spec.style === undefined ? {} : { style: spec.style }),
    ...(spec.confirm === undefined
      ? {}
      : {
          confirm: {
            title: plain(spec.confirm.title, 100),
            text: plain(spec.confirm.text, 300),
            confirm: plain(spec.confirm.yes, 30),
            deny: plain('Not now', 30),
            ...(spec.confirm.style === undefined ? {} : { style: spec.confirm.style }),
          },
        }),
  };
}

/** Null when there is nothing to press: a message without buttons has no row for them. */
export function actions(id: string, buttons: readonly Button[]): KnownBlock | null {
  return buttons.length === 0 ? null : { type: 'actions', block_id: id, elements: [...buttons] };
}

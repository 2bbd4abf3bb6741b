// What the tests of clicks and answers post: a card of one sentence with buttons.

/** Milliseconds until something that was clicked has had its effect. */
export const LIMIT_MS = 10_000;

export const plain = (text: string) => ({ type: 'plain_text' as const, text });

export const button = (text: string, value = text) => ({
  type: 'button' as const,
  text: plain(text),
  action_id: text.toLowerCase(),
  value,
});

export const card = (text: string, ...buttons: ReturnType<typeof button>[]) => [
  { type: 'section' as const, text: plain(text) },
  { type: 'actions' as const, elements: buttons },
];

/** As arguments of a call. */
export const blocks = (...all: unknown[]) => ({ blocks: JSON.stringify(all) });

// Block Kit: text objects, options, confirm dialogs and the other small parts, with Slack's limits (facts/slack.md 3.5).
import { z } from 'zod';

export const id = z.string().min(1).max(255);
export const link = z
  .string()
  .max(3000)
  .regex(/^https?:\/\/\S+$/, 'must be a URL');

export const plain = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });

export const mrkdwn = (max: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });

export const text = (max: number) => z.discriminatedUnion('type', [plain(max), mrkdwn(max)]);

export const confirm = z.strictObject({
  title: plain(100).optional(),
  text: text(300),
  confirm: plain(30).optional(),
  deny: plain(30).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});

const optionFields = {
  value: z.string().min(1).max(150),
  description: plain(75).optional(),
};

/** Options of menus know plain text only; checkboxes and radio buttons also mrkdwn. */
export const option = z.strictObject({ text: plain(75), ...optionFields });
export const richOption = z.strictObject({
  text: text(75),
  ...optionFields,
  description: text(75).optional(),
});
export const overflowOption = z.strictObject({ text: plain(75), ...optionFields, url: link.optional() });

export const optionGroup = z.strictObject({ label: plain(75), options: z.array(option).min(1).max(100) });

export const oneSource = (value: { image_url?: unknown; slack_file?: unknown }): boolean =>
  (value.image_url === undefined) !== (value.slack_file === undefined);
export const ONE_SOURCE = { error: 'needs exactly one of image_url and slack_file' };

export const image = z
  .strictObject({
    type: z.literal('image'),
    alt_text: z.string().min(1).max(2000),
    image_url: link.optional(),
    slack_file: z.strictObject({ url: z.string().optional(), id: z.string().optional() }).optional(),
  })
  .refine(oneSource, ONE_SOURCE);

export const rawText = z.strictObject({ type: z.literal('raw_text'), text: z.string().min(1) });
export const rawNumber = z.strictObject({
  type: z.literal('raw_number'),
  value: z.number(),
  text: z.string().min(1),
});

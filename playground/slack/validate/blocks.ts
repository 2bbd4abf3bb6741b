// Block Kit: the blocks, and on which surface each may stand.
import { z } from 'zod';
import {
  accessory,
  actionsElement,
  button,
  contextElement,
  feedbackButtons,
  iconButton,
  inputElement,
} from './elements.ts';
import { richText } from './rich-text.ts';
import { id, image, link, mrkdwn, ONE_SOURCE, oneSource, plain, rawNumber, rawText, text } from './text.ts';

export type Surface = 'message' | 'modal' | 'home';

const named = { block_id: id.optional() };

const section = z
  .strictObject({
    type: z.literal('section'),
    ...named,
    text: text(3000).optional(),
    fields: z.array(text(2000)).min(1).max(10).optional(),
    accessory: accessory.optional(),
    expand: z.boolean().optional(),
  })
  .refine((value) => value.text !== undefined || value.fields !== undefined, {
    error: 'needs text or fields',
  });

const actions = z.strictObject({
  type: z.literal('actions'),
  ...named,
  elements: z.array(actionsElement).min(1).max(25),
});
const context = z.strictObject({
  type: z.literal('context'),
  ...named,
  elements: z.array(contextElement).min(1).max(10),
});
const contextActions = z.strictObject({
  type: z.literal('context_actions'),
  ...named,
  elements: z
    .array(z.discriminatedUnion('type', [feedbackButtons, iconButton]))
    .min(1)
    .max(5),
});
const divider = z.strictObject({ type: z.literal('divider'), ...named });
const header = z.strictObject({ type: z.literal('header'), ...named, text: plain(150) });
const imageBlock = z
  .strictObject({ ...image.shape, ...named, title: plain(2000).optional() })
  .refine(oneSource, ONE_SOURCE);
const input = z.strictObject({
  type: z.literal('input'),
  ...named,
  label: plain(2000),
  hint: plain(2000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
  element: inputElement,
});
const markdown = z.strictObject({
  type: z.literal('markdown'),
  ...named,
  text: z.string().min(1).max(12_000),
});
const file = z.strictObject({
  type: z.literal('file'),
  ...named,
  source: z.literal('remote'),
  external_id: z.string().min(1),
});
const video = z.strictObject({
  type: z.literal('video'),
  ...named,
  video_url: link,
  thumbnail_url: link,
  alt_text: z.string().min(1),
  title: plain(199),
  title_url: link.optional(),
  author_name: z.string().max(49).optional(),
  provider_name: z.string().optional(),
  provider_icon_url: link.optional(),
  description: plain(200).optional(),
});

const cell = z.discriminatedUnion('type', [richText, rawText, rawNumber]);
const table = z.strictObject({
  type: z.literal('table'),
  ...named,
  rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
  column_settings: z
    .array(
      z
        .strictObject({
          align: z.enum(['left', 'center', 'right']).optional(),
          is_wrapped: z.boolean().optional(),
        })
        .nullable(),
    )
    .max(20)
    .optional(),
});
const dataTable = z.strictObject({
  type: z.literal('data_table'),
  ...named,
  rows: z.array(z.array(cell).min(1).max(20)).min(2).max(101),
  caption: z.string().min(1),
  page_size: z.int().min(1).max(100).optional(),
  row_header_column_index: z.int().min(0).optional(),
});

const card = z.strictObject({
  type: z.literal('card'),
  ...named,
  hero_image: image.optional(),
  icon: image.optional(),
  title: mrkdwn(150).optional(),
  subtitle: mrkdwn(150).optional(),
  body: mrkdwn(200).optional(),
  actions: z.array(button).min(1).max(3).optional(),
});
const carousel = z.strictObject({
  type: z.literal('carousel'),
  ...named,
  elements: z.array(card).min(1).max(10),
});

const taskCard = z.strictObject({
  type: z.literal('task_card'),
  ...named,
  task_id: z.string().min(1),
  title: z.string().min(1),
  details: richText.optional(),
  output: richText.optional(),
  sources: z
    .array(z.strictObject({ type: z.literal('url'), url: link, text: z.string().min(1) }))
    .min(1)
    .optional(),
  status: z.enum(['pending', 'in_progress', 'complete', 'error']),
});
const plan = z.strictObject({
  type: z.literal('plan'),
  ...named,
  title: z.string().min(1),
  tasks: z.array(taskCard).max(50).optional(),
});

const alert = z.strictObject({
  type: z.literal('alert'),
  ...named,
  text: text(200),
  level: z.enum(['default', 'info', 'warning', 'error', 'success']).optional(),
});

const container = z
  .strictObject({
    type: z.literal('container'),
    ...named,
    title: plain(150).optional(),
    rich_text_title: richText.optional(),
    subtitle: text(150).optional(),
    child_blocks: z
      .array(
        z.discriminatedUnion('type', [
          actions,
          context,
          divider,
          file,
          header,
          imageBlock,
          input,
          richText,
          section,
          table,
          video,
        ]),
      )
      .min(1)
      .max(10),
    width: z.enum(['narrow', 'standard', 'wide', 'full']).optional(),
    icon: image.optional(),
    is_collapsible: z.boolean().optional(),
    default_collapsed: z.boolean().optional(),
    has_header_divider: z.boolean().optional(),
  })
  .refine((value) => value.title !== undefined || value.rich_text_title !== undefined, {
    error: 'needs title or rich_text_title',
  });

const everywhere = [
  section,
  actions,
  context,
  divider,
  header,
  imageBlock,
  input,
  richText,
  table,
  dataTable,
  video,
  container,
  card,
  carousel,
] as const;

/** One block of a surface. New blocks beside their surfaces: facts/slack.md 3.5. */
export const blockOf: Readonly<Record<Surface, z.ZodType>> = {
  message: z.discriminatedUnion('type', [...everywhere, contextActions, markdown, file, taskCard, plan]),
  modal: z.discriminatedUnion('type', [...everywhere, alert]),
  home: z.discriminatedUnion('type', [...everywhere]),
};

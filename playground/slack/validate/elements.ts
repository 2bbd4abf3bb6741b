// Block Kit: the elements people press, choose in and type into, and where each may stand.
import { z } from 'zod';
import { richText } from './rich-text.ts';
import {
  confirm,
  id,
  image,
  link,
  mrkdwn,
  option,
  optionGroup,
  overflowOption,
  plain,
  richOption,
} from './text.ts';

const actionId = { action_id: id.optional() };
const asks = { confirm: confirm.optional() };
const focus = { focus_on_load: z.boolean().optional() };
const hint = { placeholder: plain(150).optional() };
const several = { max_selected_items: z.int().min(1).optional() };
const colour = z.enum(['primary', 'danger']).optional();
const dispatch = {
  dispatch_action_config: z
    .strictObject({
      trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).min(1),
    })
    .optional(),
};
const date = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must be YYYY-MM-DD');
const menu = { ...actionId, ...asks, ...focus, ...hint };
const options100 = {
  options: z.array(option).min(1).max(100).optional(),
  option_groups: z.array(optionGroup).min(1).max(100).optional(),
};
const oneList = (value: { options?: unknown; option_groups?: unknown }): boolean =>
  (value.options === undefined) !== (value.option_groups === undefined);
const ONE_LIST = { error: 'needs exactly one of options and option_groups' };
const filter = z
  .strictObject({
    include: z
      .array(z.enum(['im', 'mpim', 'private', 'public']))
      .min(1)
      .optional(),
    exclude_external_shared_channels: z.boolean().optional(),
    exclude_bot_users: z.boolean().optional(),
  })
  .optional();

export const button = z.strictObject({
  type: z.literal('button'),
  ...actionId,
  ...asks,
  text: plain(75),
  value: z.string().max(2000).optional(),
  url: link.optional(),
  style: colour,
  accessibility_label: z.string().max(75).optional(),
});

const workflowButton = z.strictObject({
  type: z.literal('workflow_button'),
  ...actionId,
  text: plain(75),
  workflow: z.looseObject({}),
  style: colour,
  accessibility_label: z.string().max(75).optional(),
});

export const iconButton = z.strictObject({
  type: z.literal('icon_button'),
  ...actionId,
  ...asks,
  icon: z.string().min(1),
  text: plain(75),
  value: z.string().max(2000).optional(),
  accessibility_label: z.string().max(75).optional(),
  visible_to_user_ids: z.array(z.string()).optional(),
});

const feedbackButton = z.strictObject({
  text: plain(75),
  value: z.string().min(1).max(2000),
  accessibility_label: z.string().max(75).optional(),
});

export const feedbackButtons = z.strictObject({
  type: z.literal('feedback_buttons'),
  ...actionId,
  positive_button: feedbackButton,
  negative_button: feedbackButton,
});

const overflow = z.strictObject({
  type: z.literal('overflow'),
  ...actionId,
  ...asks,
  options: z.array(overflowOption).min(1).max(5),
});

const choices = [
  z.strictObject({
    type: z.literal('checkboxes'),
    ...actionId,
    ...asks,
    ...focus,
    options: z.array(richOption).min(1).max(10),
    initial_options: z.array(richOption).min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('radio_buttons'),
    ...actionId,
    ...asks,
    ...focus,
    options: z.array(richOption).min(1).max(10),
    initial_option: richOption.optional(),
  }),
] as const;

const selects = [
  z
    .strictObject({
      type: z.literal('static_select'),
      ...menu,
      ...options100,
      initial_option: option.optional(),
    })
    .refine(oneList, ONE_LIST),
  z.strictObject({
    type: z.literal('external_select'),
    ...menu,
    initial_option: option.optional(),
    min_query_length: z.int().min(0).optional(),
  }),
  z.strictObject({ type: z.literal('users_select'), ...menu, initial_user: z.string().optional() }),
  z.strictObject({
    type: z.literal('conversations_select'),
    ...menu,
    initial_conversation: z.string().optional(),
    default_to_current_conversation: z.boolean().optional(),
    response_url_enabled: z.boolean().optional(),
    filter,
  }),
  z.strictObject({
    type: z.literal('channels_select'),
    ...menu,
    initial_channel: z.string().optional(),
    response_url_enabled: z.boolean().optional(),
  }),
] as const;

const multiSelects = [
  z
    .strictObject({
      type: z.literal('multi_static_select'),
      ...menu,
      ...several,
      ...options100,
      initial_options: z.array(option).min(1).optional(),
    })
    .refine(oneList, ONE_LIST),
  z.strictObject({
    type: z.literal('multi_external_select'),
    ...menu,
    ...several,
    initial_options: z.array(option).min(1).optional(),
    min_query_length: z.int().min(0).optional(),
  }),
  z.strictObject({
    type: z.literal('multi_users_select'),
    ...menu,
    ...several,
    initial_users: z.array(z.string()).optional(),
  }),
  z.strictObject({
    type: z.literal('multi_conversations_select'),
    ...menu,
    ...several,
    initial_conversations: z.array(z.string()).optional(),
    default_to_current_conversation: z.boolean().optional(),
    filter,
  }),
  z.strictObject({
    type: z.literal('multi_channels_select'),
    ...menu,
    ...several,
    initial_channels: z.array(z.string()).optional(),
  }),
] as const;

const pickers = [
  z.strictObject({ type: z.literal('datepicker'), ...menu, initial_date: date.optional() }),
  z.strictObject({
    type: z.literal('timepicker'),
    ...menu,
    initial_time: z
      .string()
      .regex(/^\d\d:\d\d$/, 'must be HH:mm')
      .optional(),
    timezone: z.string().optional(),
  }),
] as const;

const dateTimePicker = z.strictObject({
  type: z.literal('datetimepicker'),
  ...actionId,
  ...asks,
  ...focus,
  initial_date_time: z.int().optional(),
});

const typed = { ...actionId, ...focus, ...hint, ...dispatch };
const richTextInput = z.strictObject({
  type: z.literal('rich_text_input'),
  ...typed,
  initial_value: richText.optional(),
  min_lines: z.int().min(1).optional(),
  max_lines: z.int().min(1).optional(),
});

const inputs = [
  z.strictObject({
    type: z.literal('plain_text_input'),
    ...typed,
    initial_value: z.string().max(3000).optional(),
    multiline: z.boolean().optional(),
    min_length: z.int().min(0).max(3000).optional(),
    max_length: z.int().min(1).max(3000).optional(),
  }),
  z.strictObject({
    type: z.literal('number_input'),
    ...typed,
    is_decimal_allowed: z.boolean(),
    initial_value: z.string().optional(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('email_text_input'),
    ...typed,
    initial_value: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('url_text_input'), ...typed, initial_value: z.string().optional() }),
  z.strictObject({
    type: z.literal('file_input'),
    ...actionId,
    filetypes: z.array(z.string()).optional(),
    max_files: z.int().min(1).max(10).optional(),
  }),
] as const;

/** Multi-selects are refused here: Slack takes them in sections and inputs only. */
export const actionsElement = z.discriminatedUnion('type', [
  button,
  workflowButton,
  overflow,
  ...choices,
  ...selects,
  ...pickers,
  dateTimePicker,
  richTextInput,
]);

export const accessory = z.discriminatedUnion('type', [
  button,
  workflowButton,
  overflow,
  image,
  ...choices,
  ...selects,
  ...multiSelects,
  ...pickers,
]);

export const inputElement = z.discriminatedUnion('type', [
  ...choices,
  ...selects,
  ...multiSelects,
  ...pickers,
  dateTimePicker,
  ...inputs,
  richTextInput,
]);

export const contextElement = z.discriminatedUnion('type', [image, plain(3000), mrkdwn(3000)]);

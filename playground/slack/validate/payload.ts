// Rules over a whole list of blocks: how many, unique ids, sums of text, one table (facts/slack.md 3.5 and 6).
import { isRecord, type Json, recordsOf, textOf } from '../json.ts';
import { blockOf, type Surface } from './blocks.ts';
import { type Problem, problemsOf } from './problem.ts';

const BLOCKS_LIMIT: Readonly<Record<Surface, number>> = { message: 50, modal: 100, home: 100 };
/** Undocumented; refusals were seen from about 12,000 on (facts/slack.md 3.5), so the stricter reading. */
const BLOCK_TEXT_LIMIT = 12_000;
const MARKDOWN_LIMIT = 12_000;
const TABLE_TEXT_LIMIT = 10_000;
const DATA_TABLE_TEXT_LIMIT = 20_000;
const INTERACTIVE_HOLDERS = ['elements', 'actions'];

/** Every string under a `text` key: what a person would read. */
const readable = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + readable(item), 0);
  if (!isRecord(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, child]) =>
      sum + (key === 'text' && typeof child === 'string' ? child.length : readable(child)),
    0,
  );
};

const duplicates = (values: readonly string[]): string[] => [
  ...new Set(values.filter((value, at) => value !== '' && values.indexOf(value) !== at)),
];

const actionIdsIn = (block: Json): string[] => [
  ...INTERACTIVE_HOLDERS.flatMap((key) =>
    recordsOf(block[key]).map((element) => textOf(element, 'action_id')),
  ),
  ...['accessory', 'element']
    .map((key) => block[key])
    .filter(isRecord)
    .map((element) => textOf(element, 'action_id')),
];

const idProblems = (blocks: readonly Json[], at: string): Problem[] => {
  const all = blocks.flatMap((block) => [block, ...recordsOf(block['child_blocks'])]);
  return [
    ...duplicates(all.map((block) => textOf(block, 'block_id'))).map((id) => ({
      pointer: at,
      message: `block_id "${id}" is there twice`,
      code: 'duplicate_id' as const,
    })),
    ...all.flatMap((block) =>
      duplicates(actionIdsIn(block)).map((id) => ({
        pointer: at,
        message: `action_id "${id}" is twice in one block`,
        code: 'duplicate_id' as const,
      })),
    ),
  ];
};

const ofType = (blocks: readonly Json[], type: string): Json[] =>
  blocks.filter((block) => block['type'] === type);

const sumProblems = (blocks: readonly Json[], surface: Surface, at: string): Problem[] => {
  const over = (type: string, limit: number): Problem[] => {
    const found = readable(ofType(blocks, type));
    return found <= limit
      ? []
      : [{ pointer: at, message: `${type} text is ${found} characters in all, ${limit} at most` }];
  };
  const sum = readable(blocks);
  return [
    ...over('markdown', MARKDOWN_LIMIT),
    ...over('table', TABLE_TEXT_LIMIT),
    ...over('data_table', DATA_TABLE_TEXT_LIMIT),
    ...(ofType(blocks, 'table').length > 1
      ? [{ pointer: at, message: 'one table per message at most' }]
      : []),
    ...(surface === 'message' && sum > BLOCK_TEXT_LIMIT
      ? [
          {
            pointer: at,
            message: `the text of all blocks is ${sum} characters, ${BLOCK_TEXT_LIMIT} at most`,
            code: 'msg_blocks_too_long' as const,
          },
        ]
      : []),
  ];
};

/** Everything Slack would refuse in these blocks on this surface. */
export const validateBlocks = (blocks: unknown, surface: Surface, at = '/blocks'): Problem[] => {
  if (!Array.isArray(blocks)) return [{ pointer: at, message: 'must be a list' }];
  const limit = BLOCKS_LIMIT[surface];
  const records = recordsOf(blocks);
  return [
    ...(blocks.length > limit
      ? [{ pointer: at, message: `must have ${limit} blocks at most, has ${blocks.length}` }]
      : []),
    ...blocks.flatMap((block, index) => problemsOf(blockOf[surface], block, `${at}/${index}`)),
    ...idProblems(records, at),
    ...sumProblems(records, surface, at),
  ];
};

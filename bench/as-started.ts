// How `npm start` starts the bot: the Node flags it is given, read from where they stand.
import { readFileSync } from 'node:fs';

const PACKAGE = new URL('../package.json', import.meta.url);

/** Throws when the start script looks otherwise: a worker started in another way would be another worker. */
export function startFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } };
  const words = scripts.start.split(' ');
  const [from, to] = [words.indexOf('scripts/with-setup.mjs') + 1, words.indexOf('src/main.ts')];
  if (from === 0 || to < from) throw new Error(`npm start is not understood: ${scripts.start}`);
  return words.slice(from, to);
}

/** What scripts/with-setup.mjs and the image put into the environment. */
export const START_ENVIRONMENT = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '16384' } as const;

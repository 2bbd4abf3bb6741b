// Plants a mutant: from here on, whoever imports the files it names gets them with one text replaced. No flag for it exists in src.
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Plant {
  /** From the project's root. */
  readonly file: string;
  /** Occurs exactly once in the file. Small, so that the file may change around it. */
  readonly find: string;
  readonly replace: string;
}

/** The text with the plant in it; throws when its place is not there, or there twice. */
export function planted(text: string, { file, find, replace }: Plant): string {
  const pieces = text.split(find);
  if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times: ${find}`);
  return pieces.join(replace);
}

/** Must be called before anything imports one of the files. */
export function plant(plants: readonly Plant[]): void {
  const root = new URL('../', import.meta.url);
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const mine = plants.filter(({ file }) => new URL(file, root).href === url);
      if (mine.length === 0) return loaded;
      const { source } = loaded;
      if (source === undefined || source === null) throw new Error(`${fileURLToPath(url)} has no text`);
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
      return { ...loaded, source: mine.reduce(planted, text) };
    },
  });
}

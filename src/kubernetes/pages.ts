// Reads a whole list page by page, starting afresh when the server forgot where we were.
import { Fault } from '../engine/ports/fault.ts';

/** kubectl's own chunk size: large enough for one call in most clusters, small enough for the API server's memory. */
export const PAGE_SIZE = 500;
/** Half a million objects: more is not a cluster but a loop. */
const MAX_PAGES = 1_000;
/** A list that outlives its continue token (5 to 15 minutes) twice will do so again. */
const MAX_STARTS = 2;

export interface Page<T> {
  readonly items: readonly T[];
  readonly metadata?: { readonly _continue?: string };
}

export interface PageRequest {
  readonly limit: number;
  readonly _continue?: string;
}

export type ReadPage<T> = (request: PageRequest) => Promise<Page<T>>;

/**
 * One page after the other. Throws what `readPage` throws, Fault `410` among it when the server forgot where we were, and Fault `broken`
 * when the list never ends.
 */
export async function* pagesOf<T>(
  readPage: ReadPage<T>,
  limit: number,
): AsyncGenerator<readonly T[], void, undefined> {
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const read = await readPage(token === undefined ? { limit } : { limit, _continue: token });
    yield read.items;
    token = read.metadata?._continue || undefined;
    if (token === undefined) return;
  }
  throw new Fault('broken', `Kubernetes sent more than ${MAX_PAGES} pages of one list.`);
}

async function readOnce<T>(readPage: ReadPage<T>, limit: number): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const page of pagesOf(readPage, limit)) items.push(...page);
  return items;
}

/** All items of a list. Throws what `readPage` throws, and Fault `broken` when the list never ends. */
export async function allPages<T>(readPage: ReadPage<T>, limit = PAGE_SIZE): Promise<readonly T[]> {
  for (let start = 1; ; start += 1) {
    try {
      return await readOnce(readPage, limit);
    } catch (error) {
      const expired = error instanceof Fault && error.code === '410';
      if (!expired || start >= MAX_STARTS) throw error;
    }
  }
}

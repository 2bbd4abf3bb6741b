// Lists in pages: limit, continue tokens that see one moment, and their expiry.

import type { ObjectStore } from './object-store.ts';
import type { KubeObject, Resource } from './objects.ts';
import { type Query, selectionOf } from './selectors.ts';
import { type ApiAnswer, badRequest, expired, refused } from './statuses.ts';

export interface ListQuery extends Query {
  readonly limit?: number;
  readonly continueToken?: string;
}

export interface Page {
  readonly resourceVersion: string;
  readonly items: readonly KubeObject[];
  readonly continueToken: string;
  /** Unknown when a selector is used, as in the real API. */
  readonly remainingItemCount: number | null;
}

/** The lists that may still be continued. Enough for every reader of a test; older ones answer 410 Expired. */
const KEPT_LISTS = 100;

interface Rest {
  readonly version: string;
  readonly items: readonly KubeObject[];
}

export class Listing {
  readonly #store: ObjectStore;
  readonly #rests = new Map<string, Rest>();
  #tokens = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Forgets every continue token, as etcd's compaction does after some minutes. */
  expireAll(): void {
    this.#rests.clear();
  }

  page(resource: Resource, query: ListQuery): ApiAnswer<Page> {
    const rest = query.continueToken ? this.#rests.get(query.continueToken) : this.#fresh(resource, query);
    if (rest === undefined) {
      const why = 'The provided continue parameter is too old to display a consistent list result.';
      return refused(expired(`${why} You must start a new list without the continue parameter.`));
    }
    if ('status' in rest) return refused(rest.status);
    const limit = query.limit ?? 0;
    if (!Number.isInteger(limit) || limit < 0) return refused(badRequest('limit must be a whole number'));
    const items = limit === 0 ? rest.items : rest.items.slice(0, limit);
    const left = rest.items.slice(items.length);
    const selected = Boolean(query.labelSelector) || Boolean(query.fieldSelector);
    return {
      kind: 'object',
      object: {
        resourceVersion: rest.version,
        items,
        continueToken: left.length === 0 ? '' : this.#keep({ version: rest.version, items: left }),
        remainingItemCount: left.length === 0 || selected ? null : left.length,
      },
    };
  }

  #fresh(
    resource: Resource,
    query: ListQuery,
  ): Rest | Extract<ReturnType<typeof selectionOf>, { kind: 'refused' }> {
    const selection = selectionOf(resource, query);
    if (selection.kind === 'refused') return selection;
    const items = this.#store.all(resource).filter((object) => selection.matches(object));
    return { version: String(this.#store.version), items };
  }

  #keep(rest: Rest): string {
    this.#tokens += 1;
    const token = `v${rest.version}-${this.#tokens}`;
    this.#rests.set(token, rest);
    const [oldest] = this.#rests.keys();
    if (this.#rests.size > KEPT_LISTS && oldest !== undefined) this.#rests.delete(oldest);
    return token;
  }
}

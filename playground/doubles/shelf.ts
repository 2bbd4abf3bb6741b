// What the store in this process keeps of one cluster.

export type Note = { readonly sentence: string; readonly at: number };

export interface Shelf {
  claim: string | null;
  /** Lines as text, so that nobody can change a stored entry through a shared object. */
  readonly journals: Map<string, string[]>;
  /** How many lines were ever written, by rollout. */
  readonly heads: Map<string, number>;
  readonly leases: Map<string, { readonly token: string; until: number }>;
  readonly looks: Map<string, number>;
  /** Newest first. */
  recent: string[];
  readonly open: Map<string, number>;
  readonly notes: Map<string, { readonly byNode: Map<string, Note>; until: number }>;
}

export function emptyShelf(): Shelf {
  return {
    claim: null,
    recent: [],
    journals: new Map(),
    heads: new Map(),
    leases: new Map(),
    looks: new Map(),
    open: new Map(),
    notes: new Map(),
  };
}

/** Only append makes a Look and only append ends it, so a finished rollout gets none here. */
export function moveLook(shelf: Shelf, rollout: string, look: number): void {
  if (shelf.looks.has(rollout)) shelf.looks.set(rollout, look);
}

// What a row about the estate says: the change, and what its check calls it.
import type { Finding, Level } from '../../src/checks/finding.ts';
import type { EstateViews } from '../../src/cluster/estate/estate.ts';
import type { Snapshot } from '../../src/cluster/snapshot.ts';

export type EstateCheck = (snapshot: Snapshot) => readonly Finding[];

export interface EstateRow {
  readonly check: EstateCheck;
  readonly what: string;
  readonly estate: Partial<EstateViews>;
  readonly level: Level;
  readonly says?: string;
  readonly subject?: string;
}

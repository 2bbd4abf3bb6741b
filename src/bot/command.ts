// What a typed line can ask for, once it was read.
import type { PathTarget } from '../cluster/path.ts';
import type { RebootMode } from '../cluster/reboot-mode.ts';
import type { SchematicWish } from '../cluster/schematic.ts';
import type { CommandName, Steering } from './command-table.ts';
import type { Overriding } from './override-words.ts';

export type Command =
  | { readonly kind: 'help'; readonly topic: CommandName | null }
  /** Null: all clusters. */
  | { readonly kind: 'status' | 'doctor'; readonly cluster: string | null }
  | { readonly kind: 'check'; readonly cluster: string }
  | { readonly kind: 'why'; readonly cluster: string }
  | ({ readonly kind: 'plan' } & Target)
  | ({ readonly kind: 'upgrade' } & Target)
  | { readonly kind: 'path'; readonly cluster: string; readonly target: PathTarget }
  | { readonly kind: 'rollback' | 'finish' | 'disarm'; readonly cluster: string; readonly node: string }
  | ({ readonly cluster: string } & Overriding)
  /** Null: to whoever typed it. */
  | { readonly kind: 'hand-over'; readonly cluster: string; readonly to: string | null }
  | { readonly kind: 'steer'; readonly steering: Steering; readonly cluster: string };

/** What a cluster shall run. */
export interface Target {
  readonly cluster: string;
  readonly version: string;
  /** Absent: every machine keeps its schematic. */
  readonly schematic?: SchematicWish;
  /** Absent: node by node, in one go. */
  readonly staged?: true;
  /** Absent: as the cluster's policy says. */
  readonly rebootMode?: RebootMode;
}

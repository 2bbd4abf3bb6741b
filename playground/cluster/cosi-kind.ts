/** What a type of COSI resource is: where it lives, since when it exists, and which items a machine has of it. */
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { stringify } from 'yaml';
import type { Machine } from '../world/machine.ts';
import type { World } from '../world/world.ts';

/** One resource in both encodings (facts/talos-api.md 6.1). */
export interface CosiItem {
  readonly id: string;
  readonly proto: Uint8Array;
  readonly yaml: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a resource is read from. */
export interface CosiSource {
  readonly machine: Machine;
  readonly world: World;
}

export interface CosiKind {
  /** The full, case-sensitive name. */
  readonly type: string;
  readonly namespace: string;
  /** First Talos release that has it; left out when all do. */
  readonly since?: string;
  /** Whether only os:admin may read it, by version of the machine. */
  readonly sensitive?: (version: string) => boolean;
  /** Short names besides those that follow from the type's own. */
  readonly aliases?: readonly string[];
  /** Columns of `talosctl get`: name and path into the YAML. */
  readonly columns?: readonly (readonly [name: string, path: string])[];
  readonly items: (source: CosiSource) => readonly CosiItem[];
}

/** An item from its Protobuf message and its YAML form, whose names differ. */
export function item<D extends DescMessage>(
  schema: D,
  given: {
    id: string;
    message: MessageInitShape<D>;
    yaml: unknown;
    annotations?: Readonly<Record<string, string>>;
  },
): CosiItem {
  const { id, message, yaml, annotations } = given;
  const proto = toBinary(schema, create(schema, message));
  // Go's YAML folds no lines: a text of several is shown as it is.
  return {
    id,
    proto,
    yaml: stringify(yaml, { lineWidth: 0 }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

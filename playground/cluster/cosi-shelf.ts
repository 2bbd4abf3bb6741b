/** The COSI resources of one machine as wire messages, with versions that count their changes. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { ResourceSchema } from '../../src/talos/gen/cosi/resource_pb.ts';
import { since } from '../world/compatibility.ts';
import { WorldError } from '../world/error.ts';
import type { Call } from './act.ts';
import { clusterKinds } from './cosi-cluster.ts';
import { DEFINITIONS, definitionKind } from './cosi-definition.ts';
import type { CosiKind } from './cosi-kind.ts';
import { plainKinds } from './cosi-plain.ts';
import { runtimeKinds } from './cosi-runtime.ts';
import { upkeepKinds } from './cosi-upkeep.ts';

export type ResourceInit = MessageInitShape<typeof ResourceSchema>;

export interface ShelfItem {
  readonly id: string;
  /** Counts changes of this resource; equal numbers mean equal content. */
  readonly version: number;
  readonly resource: ResourceInit;
}

const KINDS: readonly CosiKind[] = [...runtimeKinds, ...clusterKinds, ...plainKinds, ...upkeepKinds];
const ALL: ReadonlyMap<string, CosiKind> = new Map(
  [...KINDS, definitionKind(KINDS)].map((kind) => [kind.type, kind]),
);

interface Seen {
  readonly yaml: string;
  readonly version: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** What was last seen of each resource, by machine: the world itself keeps no versions. */
const seenByMachine = new WeakMap<object, Map<string, Seen>>();

/**
 * Finds a type as a client may read it on this machine.
 * @throws WorldError PERMISSION_DENIED for types this version does not have, wrong namespaces, and sensitive types
 */
export function kindFor(call: Call, asked: { type: string; namespace: string }): CosiKind {
  const { version } = call.machine;
  const kind = ALL.get(asked.type);
  if (kind === undefined || (kind.since !== undefined && !since(version, kind.since)))
    throw new WorldError('PERMISSION_DENIED', `resource type "${asked.type}" is not supported`);
  if (asked.namespace !== kind.namespace)
    throw new WorldError('PERMISSION_DENIED', `namespace "${asked.namespace}" is not supported`);
  if (kind.sensitive?.(version) === true && !call.roles.has('os:admin'))
    throw new WorldError('PERMISSION_DENIED', 'not authorized');
  return kind;
}

/** Every resource of a kind, in the order of ids. */
export function shelf({ machine, world }: Call, kind: CosiKind): readonly ShelfItem[] {
  const seen = seenByMachine.get(machine) ?? new Map<string, Seen>();
  seenByMachine.set(machine, seen);
  const nowMs = world.clock.now();
  const items = [...kind.items({ machine, world })].sort((one, other) => (one.id < other.id ? -1 : 1));
  return items.map(({ id, proto, yaml, annotations }) => {
    const key = `${kind.type} ${id}`;
    const before = seen.get(key);
    const now: Seen =
      before?.yaml === yaml
        ? before
        : {
            yaml,
            version: (before?.version ?? 0) + 1,
            createdMs: before?.createdMs ?? nowMs,
            updatedMs: nowMs,
          };
    seen.set(key, now);
    const metadata = {
      namespace: kind.namespace,
      type: kind.type,
      id,
      version: String(now.version),
      owner: kind.type === DEFINITIONS ? '' : 'playground',
      phase: 'running',
      created: timestampFromMs(now.createdMs),
      updated: timestampFromMs(now.updatedMs),
      annotations: { ...annotations },
    };
    return { id, version: now.version, resource: { metadata, spec: { protoSpec: proto, yamlSpec: yaml } } };
  });
}

/** What is sent for a resource that does not exist (any more): metadata and an empty spec. */
export function tombstone(kind: CosiKind, id: string): ResourceInit {
  return {
    metadata: { namespace: kind.namespace, type: kind.type, id, version: 'undefined', phase: 'running' },
    spec: {},
  };
}

// Talos resources (COSI) by name, decoded from their binary form; the YAML beside it changes shape between versions.
import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { Fault } from '../engine/ports/fault.ts';
import type { Resource } from './gen/cosi/resource_pb.ts';
import { State } from './gen/cosi/state_pb.ts';
import { MemberSpecSchema } from './gen/resource/definitions/cluster/cluster_pb.ts';
import { LayerSchema } from './gen/resource/definitions/extensions/extensions_pb.ts';
import {
  BootIDSpecSchema,
  MachineStatusSpecSchema,
  MetaKeySpecSchema,
  SecurityStateSpecSchema,
} from './gen/resource/definitions/runtime/runtime_pb.ts';
import type { Question, Reads } from './reads.ts';

export interface ResourceKind<D extends DescMessage> {
  readonly namespace: string;
  readonly type: string;
  readonly schema: D;
}

function kind<D extends DescMessage>(namespace: string, type: string, schema: D): ResourceKind<D> {
  return { namespace, type, schema };
}

/** Source: talos-api.md 6.2. */
export const resources = {
  machineStatus: kind('runtime', 'MachineStatuses.runtime.talos.dev', MachineStatusSpecSchema),
  bootId: kind('runtime', 'BootIDs.runtime.talos.dev', BootIDSpecSchema),
  metaKey: kind('runtime', 'MetaKeys.runtime.talos.dev', MetaKeySpecSchema),
  extension: kind('runtime', 'ExtensionStatuses.runtime.talos.dev', LayerSchema),
  securityState: kind('runtime', 'SecurityStates.talos.dev', SecurityStateSpecSchema),
  member: kind('cluster', 'Members.cluster.talos.dev', MemberSpecSchema),
} as const;

/** The resource's content, or null when it does not exist or this Talos version has no such type. */
export async function getResource<D extends DescMessage>(
  reads: Reads,
  resource: ResourceKind<D>,
  id: string,
  question: Question,
): Promise<MessageShape<D> | null> {
  const { namespace, type } = resource;
  try {
    const reply = await reads.unary(State.method.get, { namespace, type, id, options: {} }, question);
    return reply.resource === undefined ? null : contentOf(resource, reply.resource);
  } catch (error) {
    if (error instanceof Fault && error.kind === 'missing') return null;
    throw error;
  }
}

/** All resources of a kind by id; empty when this Talos version has no such type. */
export async function listResources<D extends DescMessage>(
  reads: Reads,
  resource: ResourceKind<D>,
  question: Question,
): Promise<readonly { readonly id: string; readonly spec: MessageShape<D> }[]> {
  const { namespace, type } = resource;
  try {
    const replies = await reads.collect(State.method.list, { namespace, type, options: {} }, question);
    return replies.flatMap((reply) => {
      const spec = reply.resource === undefined ? null : contentOf(resource, reply.resource);
      return spec === null ? [] : [{ id: reply.resource?.metadata?.id ?? '', spec }];
    });
  } catch (error) {
    if (error instanceof Fault && error.kind === 'missing') return [];
    throw error;
  }
}

/** Null for a tombstone: a resource being destroyed has an empty spec. */
function contentOf<D extends DescMessage>(
  resource: ResourceKind<D>,
  found: Resource,
): MessageShape<D> | null {
  if (found.metadata?.phase === 'tearingDown' || found.spec === undefined) return null;
  try {
    return fromBinary(resource.schema, found.spec.protoSpec);
  } catch (error) {
    throw new Fault('broken', `${resource.type} cannot be decoded.`, { cause: error });
  }
}

// Talos resources (COSI) by name, decoded from their binary form; the YAML beside it changes shape between versions.
import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import type { Told } from '../cluster/inspection.ts';
import { Fault, faultOf } from '../engine/ports/fault.ts';
import type { Resource } from './gen/cosi/resource_pb.ts';
import { EventType, State } from './gen/cosi/state_pb.ts';
import type { ResourceKind } from './kinds.ts';
import type { Question, Reads } from './reads.ts';

export interface Found<D extends DescMessage> {
  readonly id: string;
  readonly spec: MessageShape<D>;
}

/** The resource's content, or null when it does not exist or this Talos version has no such type. Throws Fault. */
export async function getResource<D extends DescMessage>(
  reads: Reads,
  kind: ResourceKind<D>,
  id: string,
  question: Question,
): Promise<MessageShape<D> | null> {
  return valueOr(null, await tellResource(reads, kind, id, question));
}

/** All resources of a kind by id; empty when this Talos version has no such type. Throws Fault. */
export async function listResources<D extends DescMessage>(
  reads: Reads,
  kind: ResourceKind<D>,
  question: Question,
): Promise<readonly Found<D>[]> {
  return valueOr([], await tellResources(reads, kind, question));
}

/** The resource, or which way of not having it this is; never throws for those. Throws Fault when nobody answers sensibly. */
export function tellResource<D extends DescMessage>(
  reads: Reads,
  kind: ResourceKind<D>,
  id: string,
  question: Question,
): Promise<Told<MessageShape<D>>> {
  const { namespace, type } = kind;
  return telling(async () => {
    const { resource } = await reads.unary(State.method.get, { namespace, type, id, options: {} }, question);
    const value = resource === undefined ? null : contentOf(kind, resource);
    return value === null ? { kind: 'absent' } : { kind: 'said', value };
  });
}

/** As `tellResource`, for all of a kind. */
export function tellResources<D extends DescMessage>(
  reads: Reads,
  kind: ResourceKind<D>,
  question: Question,
): Promise<Told<readonly Found<D>[]>> {
  const { namespace, type } = kind;
  return telling(async () => {
    const replies = await reads.collect(State.method.list, { namespace, type, options: {} }, question);
    const value = replies.flatMap(({ resource }) => {
      const spec = resource === undefined ? null : contentOf(kind, resource);
      return spec === null ? [] : [{ id: resource?.metadata?.id ?? '', spec }];
    });
    return { kind: 'said', value };
  });
}

/**
 * Follows one resource: what it is now, and then every change; null when it does not exist (any more). Resolves when the
 * server ends the stream; throws Fault when it breaks, when the signal aborts, and for ERRORED, which Talos sends when we
 * are too slow for it. `question.limitMs` bounds it (talos-api.md 6.1).
 */
export async function watchResource<D extends DescMessage>(
  reads: Reads,
  {
    kind,
    id,
    question,
  }: { readonly kind: ResourceKind<D>; readonly id: string; readonly question: Question },
  onContent: (content: MessageShape<D> | null) => void,
): Promise<void> {
  const { namespace, type } = kind;
  // Without api_version 1 the server keeps ERRORED to itself. Bootstrapping is only for whole kinds: one resource comes by itself.
  const request = { namespace, type, id, options: {}, apiVersion: 1 };
  await reads.follow(State.method.watch, request, question, ({ event: events }) => {
    // The first answer is empty and says that the stream is ready.
    for (const { eventType, resource, error } of events) {
      if (eventType === EventType.ERRORED)
        throw new Fault('broken', `The watch of ${type} ended: ${error ?? 'without a reason'}.`, {
          code: 'ERRORED',
        });
      if (eventType === EventType.DESTROYED) onContent(null);
      if (eventType === EventType.CREATED || eventType === EventType.UPDATED)
        onContent(resource === undefined ? null : contentOf(kind, resource));
    }
  });
}

/** The machine answered that our role may not know it. */
export function lacksRole(error: unknown): boolean {
  return (
    error instanceof Fault &&
    error.kind === 'refused' &&
    (error.code === 'NOT_AUTHORIZED' || error.code === 'PERMISSION_DENIED')
  );
}

async function telling<T>(ask: () => Promise<Told<T>>): Promise<Told<T>> {
  try {
    return await ask();
  } catch (error) {
    const fault = faultOf(error);
    if (lacksRole(fault)) return { kind: 'denied', why: fault.message };
    if (fault.kind !== 'missing') throw fault;
    // An older Talos says PERMISSION_DENIED too, in other words, which `fault.ts` has read (talos-api.md 9.20).
    return fault.code === 'NOT_FOUND' ? { kind: 'absent' } : { kind: 'unsupported' };
  }
}

/** A denial is no absence: it is thrown, so that nobody takes it for one. */
function valueOr<T, E>(empty: E, told: Told<T>): T | E {
  if (told.kind === 'said') return told.value;
  if (told.kind === 'denied') throw new Fault('refused', told.why, { code: 'NOT_AUTHORIZED' });
  if (told.kind === 'silent') throw new Fault('unreachable', told.why);
  return empty;
}

/** Null for a tombstone: a resource being destroyed has an empty spec. */
function contentOf<D extends DescMessage>(kind: ResourceKind<D>, found: Resource): MessageShape<D> | null {
  if (found.metadata?.phase === 'tearingDown' || found.spec === undefined) return null;
  try {
    return fromBinary(kind.schema, found.spec.protoSpec);
  } catch (error) {
    throw new Fault('broken', `${kind.type} cannot be decoded.`, { cause: error });
  }
}

/** The COSI State service: Get, List and Watch (facts/talos-api.md 6.1). */
import { EventType, type State, type WatchRequest } from '../../src/talos/gen/cosi/state_pb.ts';
import { WorldError } from '../world/error.ts';
import { type Acts, type Call, type Replies, untilEnded } from './act.ts';
import type { CosiKind } from './cosi-kind.ts';
import { kindFor, type ResourceInit, type ShelfItem, shelf, tombstone } from './cosi-shelf.ts';

export const cosiActs: Acts<typeof State> = {
  get: (request, call) => {
    const kind = kindFor(call, request);
    const found = shelf(call, kind).find((one) => one.id === request.id);
    if (found === undefined)
      throw new WorldError(
        'NOT_FOUND',
        `resource ${kind.type}(${kind.namespace}/${request.id}@undefined) doesn't exist`,
      );
    return { resource: found.resource };
  },
  list: (request, call, replies) => {
    const kind = kindFor(call, request);
    const pattern = request.options?.idQuery?.regexp ?? '';
    const wanted = pattern === '' ? null : new RegExp(pattern);
    for (const one of shelf(call, kind))
      if (wanted?.test(one.id) ?? true) replies.send({ resource: one.resource });
  },
  watch: async (request, call, replies) => {
    const kind = kindFor(call, request);
    if (request.id !== undefined && request.options?.bootstrapContents === true)
      throw new WorldError('UNIMPLEMENTED', 'bootstrap_contents is not supported for a single resource');
    // The empty answer that says the stream is ready.
    replies.send({ event: [] });
    await new Watching({ request, call, kind, replies }).run();
  },
};

interface WatchingParts {
  readonly request: WatchRequest;
  readonly call: Call;
  readonly kind: CosiKind;
  readonly replies: Replies<typeof State.method.watch>;
}

/** One watch: what its client knows, and what it is told next. */
class Watching {
  private readonly parts: WatchingParts;
  private known = new Map<string, ShelfItem>();

  constructor(parts: WatchingParts) {
    this.parts = parts;
  }

  async run(): Promise<void> {
    const { request, call, kind, replies } = this.parts;
    const first = this.look();
    const bootstraps = request.options?.bootstrapContents === true;
    if (request.id !== undefined) {
      const [own] = first;
      if (own === undefined) this.tell(EventType.DESTROYED, tombstone(kind, request.id));
      else this.tell(EventType.CREATED, own.resource);
    } else if (bootstraps) {
      for (const one of first) this.tell(EventType.CREATED, one.resource);
      if (request.apiVersion >= 1) this.tell(EventType.BOOTSTRAPPED, {});
    }
    this.known = new Map(first.map((one) => [one.id, one]));
    const unsubscribe = call.world.onChange(() => this.compare());
    await untilEnded(replies.ended);
    unsubscribe();
  }

  private look(): readonly ShelfItem[] {
    const { request, call, kind } = this.parts;
    return shelf(call, kind).filter((one) => request.id === undefined || one.id === request.id);
  }

  private compare(): void {
    const now = new Map(this.look().map((one) => [one.id, one]));
    for (const [id, one] of now) {
      const before = this.known.get(id);
      if (before === undefined) this.tell(EventType.CREATED, one.resource);
      else if (before.version !== one.version) this.tell(EventType.UPDATED, one.resource, before.resource);
    }
    for (const [id, one] of this.known) if (!now.has(id)) this.tell(EventType.DESTROYED, one.resource);
    this.known = now;
  }

  private tell(eventType: EventType, resource: ResourceInit, old?: ResourceInit): void {
    this.parts.replies.send({ event: [{ eventType, resource, ...(old === undefined ? {} : { old }) }] });
  }
}

// The resources of a machine in small, served as Talos's COSI state serves them.
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import type { ResourceKind } from '../../src/talos/kinds.ts';
import type { Behaviour } from './machine.ts';

/** Resources by type and id, as a machine publishes them; a type not given is one its version does not know. */
export class Published {
  readonly #specs = new Map<string, Map<string, Uint8Array>>();

  with<D extends DescMessage>(kind: ResourceKind<D>, id: string, content: MessageInitShape<D>): this {
    const ofType = this.#specs.get(kind.type) ?? new Map<string, Uint8Array>();
    this.#specs.set(kind.type, ofType.set(id, toBinary(kind.schema, create(kind.schema, content))));
    return this;
  }

  knowing(kind: ResourceKind<DescMessage>): this {
    if (!this.#specs.has(kind.type)) this.#specs.set(kind.type, new Map());
    return this;
  }

  get state(): NonNullable<Behaviour['state']> {
    const unknown = (type: string) => ({
      code: status.PERMISSION_DENIED,
      details: `resource type "${type}" is not supported`,
    });
    return {
      get: ({ request }, callback) => {
        const ofType = this.#specs.get(request.type);
        if (ofType === undefined) return callback(unknown(request.type));
        const protoSpec = ofType.get(request.id);
        if (protoSpec === undefined) return callback({ code: status.NOT_FOUND, details: 'does not exist' });
        callback(null, { resource: { metadata: { id: request.id, phase: 'running' }, spec: { protoSpec } } });
      },
      list: (call) => {
        const ofType = this.#specs.get(call.request.type);
        if (ofType === undefined) return void call.emit('error', unknown(call.request.type));
        for (const [id, protoSpec] of ofType) {
          call.write({ resource: { metadata: { id, phase: 'running' }, spec: { protoSpec } } });
        }
        call.end();
      },
    };
  }
}

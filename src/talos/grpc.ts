// The bridge between generated Protobuf services and grpc-js, in both directions.
//
// For servers: `serviceDefinition(Service)`, `addService(server, Service, handlers)`, and the types `Handlers`,
// `UnaryHandler`, `StreamHandler`. A handler left out answers UNIMPLEMENTED; a service never added answers it too.
// For clients: `callUnary(client, Service.method.x, request, options)` → promise of the reply, and
// `callStream(client, Service.method.x, request, options)` → `MessageStream`, an async iterable that can be cancelled.
// For types: `RequestOf<M>`, `ReplyOf<M>` (messages as read) and `RequestInit<M>`, `ReplyInit<M>` (what may be given),
// where M is for example `typeof MachineService.method.version`.
// Requests and replies may be written as plain objects: `callUnary(client, MachineService.method.reboot, { mode: 0 }, …)`.
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type CallOptions,
  type Client,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  type Server,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

/** A method with one request and one reply. */
export type UnaryMethod = DescMethod & { readonly methodKind: 'unary' };
/** A method with one request and a stream of replies. */
export type StreamMethod = DescMethod & { readonly methodKind: 'server_streaming' };

export type RequestOf<M extends DescMethod> = MessageShape<M['input']>;
export type ReplyOf<M extends DescMethod> = MessageShape<M['output']>;
export type RequestInit<M extends DescMethod> = MessageInitShape<M['input']>;
export type ReplyInit<M extends DescMethod> = MessageInitShape<M['output']>;

/** Any generated service: what `protoc-gen-es` exports for a `service`. */
export type Service = {
  readonly typeName: string;
  readonly method: Readonly<Record<string, DescMethod>>;
};

export type UnaryHandler<M extends DescMethod> = handleUnaryCall<RequestOf<M>, ReplyInit<M>>;
export type StreamHandler<M extends DescMethod> = handleServerStreamingCall<RequestOf<M>, ReplyInit<M>>;

/** What a server implements, by the method's camelCase name. */
export type Handlers<S extends Service> = {
  [K in keyof S['method']]: S['method'][K]['methodKind'] extends 'server_streaming'
    ? StreamHandler<S['method'][K]>
    : UnaryHandler<S['method'][K]>;
};

/** The path of a method on the wire, for example `/machine.MachineService/Version`. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function writer<D extends DescMessage>(schema: D): (message: MessageInitShape<D>) => Buffer {
  return (message) => Buffer.from(toBinary(schema, create(schema, message)));
}

function reader<D extends DescMessage>(schema: D): (bytes: Buffer) => MessageShape<D> {
  return (bytes) => fromBinary(schema, bytes);
}

function methodDefinition<M extends DescMethod>(method: M): MethodDefinition<RequestInit<M>, ReplyInit<M>> {
  return {
    path: methodPath(method),
    requestStream: false,
    responseStream: method.methodKind === 'server_streaming',
    requestSerialize: writer<M['input']>(method.input),
    requestDeserialize: reader<M['input']>(method.input),
    responseSerialize: writer<M['output']>(method.output),
    responseDeserialize: reader<M['output']>(method.output),
  };
}

/** A generated service in the form grpc-js servers want. Throws for a client-streaming method: Talos's are not spoken here. */
export function serviceDefinition<S extends Service>(service: S): ServiceDefinition<Handlers<S>> {
  const entries = Object.entries(service.method).map(([name, method]) => {
    if (method.methodKind !== 'unary' && method.methodKind !== 'server_streaming') {
      throw new Error(`${methodPath(method)} is ${method.methodKind}, which this bridge does not carry`);
    }
    return [name, methodDefinition(method)];
  });
  return Object.fromEntries(entries) as ServiceDefinition<Handlers<S>>;
}

/** Adds the methods of a service to a server; those without a handler answer UNIMPLEMENTED. */
export function addService<S extends Service>(
  server: Server,
  service: S,
  handlers: Partial<Handlers<S>>,
): void {
  server.addService(
    serviceDefinition(service) as ServiceDefinition,
    handlers as UntypedServiceImplementation,
  );
}

/** How one call is made. */
export type CallSettings = {
  /** Milliseconds from now until the call ends with DEADLINE_EXCEEDED. Every call has one: silence must end. */
  readonly deadlineMs: number;
  /** Cancels the call; a signal that is already aborted throws its reason and sends nothing. */
  readonly signal?: AbortSignal | undefined;
  /** Headers, such as `node`. */
  readonly metadata?: Metadata | undefined;
};

function callOptions(settings: CallSettings): CallOptions {
  return { deadline: Date.now() + settings.deadlineMs };
}

/** Makes one unary call. Rejects with grpc-js's `ServiceError`; translate it with `fault.ts`. */
export function callUnary<M extends UnaryMethod>(
  client: Client,
  method: M,
  request: RequestInit<M>,
  settings: CallSettings,
): Promise<ReplyOf<M>> {
  return new Promise((resolve, reject) => {
    settings.signal?.throwIfAborted();
    const definition = methodDefinition(method);
    const call = client.makeUnaryRequest<RequestInit<M>, ReplyOf<M>>(
      definition.path,
      definition.requestSerialize,
      reader<M['output']>(method.output),
      request,
      settings.metadata ?? new Metadata(),
      callOptions(settings),
      (error, reply) => {
        settings.signal?.removeEventListener('abort', cancel);
        if (error) reject(error);
        else if (reply === undefined)
          reject(new Error(`${definition.path} ended without a reply or an error`));
        else resolve(reply);
      },
    );
    function cancel(): void {
      call.cancel();
    }
    settings.signal?.addEventListener('abort', cancel, { once: true });
  });
}

/** The replies of a streaming call. Iterating throws grpc-js's `ServiceError`; leaving the loop early cancels the call. */
export type MessageStream<T> = AsyncIterable<T> & {
  /** Ends the call; a loop over it then throws CANCELLED. Harmless when the call has ended. */
  cancel(): void;
};

/** Makes one server-streaming call. It starts at once, whether or not anybody iterates. */
export function callStream<M extends StreamMethod>(
  client: Client,
  method: M,
  request: RequestInit<M>,
  settings: CallSettings,
): MessageStream<ReplyOf<M>> {
  settings.signal?.throwIfAborted();
  const definition = methodDefinition(method);
  const call = client.makeServerStreamRequest<RequestInit<M>, ReplyOf<M>>(
    definition.path,
    definition.requestSerialize,
    reader<M['output']>(method.output),
    request,
    settings.metadata ?? new Metadata(),
    callOptions(settings),
  );
  const cancel = (): void => call.cancel();
  settings.signal?.addEventListener('abort', cancel, { once: true });
  call.on('status', () => settings.signal?.removeEventListener('abort', cancel));
  // Heard from the start: without a listener an error would end the process, and grpc-js does not keep it for a loop
  // that begins later, which would then look like a stream that ended well.
  let failure: Error | undefined;
  call.on('error', (error) => {
    failure = error;
  });
  async function* messages(): AsyncGenerator<ReplyOf<M>, void, undefined> {
    try {
      for await (const message of call) yield message as ReplyOf<M>;
      if (failure) throw failure;
    } finally {
      cancel();
    }
  }
  return { [Symbol.asyncIterator]: messages, cancel };
}

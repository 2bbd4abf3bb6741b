// The Status bodies with which the Kubernetes API answers no, worded as the real server words them.

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusBody {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Record<string, never>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
  readonly code: number;
}

/** An answer of the simulated API: an object, or the Status that refuses it. */
export type ApiAnswer<T> =
  | { readonly kind: 'object'; readonly object: T }
  | { readonly kind: 'refused'; readonly status: StatusBody };

type Details = NonNullable<StatusBody['details']>;

/** An empty reason is left out, as the real server does. */
export function failure(code: number, reason: string, message: string, details?: Details): StatusBody {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

export function success(code: number): StatusBody {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code };
}

/** The message names plural and group together, the details apart (seen in 1.34). */
export function notFound(plural: string, name: string, group = ''): StatusBody {
  const details = { name, ...(group === '' ? {} : { group }), kind: plural };
  return failure(404, 'NotFound', `${plural}${group === '' ? '' : `.${group}`} "${name}" not found`, details);
}

/** What the real server says about a resource that one of its own groups does not have. */
export function unknownResource(): StatusBody {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function unauthorized(): StatusBody {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

export function badRequest(message: string): StatusBody {
  return failure(400, 'BadRequest', message);
}

export function methodNotAllowed(): StatusBody {
  return failure(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** Somebody else wrote in between: the version or uid in the request is not the stored one. */
export function conflict(kind: string, name: string, why: string): StatusBody {
  return failure(409, 'Conflict', `Operation cannot be fulfilled on ${kind} "${name}": ${why}`, {
    name,
    kind,
  });
}

export function modified(kind: string, name: string): StatusBody {
  return conflict(
    kind,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

/** The window of changes, or of continued lists, does not reach back that far. */
export function expired(message: string): StatusBody {
  return failure(410, 'Expired', message);
}

/** A patch that makes something of the wrong type: not 400, as one might think (seen in 1.34). */
export function unfit(why: string): StatusBody {
  const message = `Invalid value: ${why}`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }];
  return failure(422, 'Invalid', ` "" is invalid: patch: ${message}`, { causes });
}

export function invalid(kind: string, name: string, field: string, message: string): StatusBody {
  const details = { name, kind, causes: [{ reason: 'FieldValueInvalid', message, field }] };
  return failure(422, 'Invalid', `${kind} "${name}" is invalid: ${field}: ${message}`, details);
}

export function refused<T>(status: StatusBody): ApiAnswer<T> {
  return { kind: 'refused', status };
}

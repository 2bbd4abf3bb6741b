// A failure of another system after translation at the border, and the answer to an act that is sent only once.

/**
 * unreachable: nobody answered, or the connection broke; busy: it answers later (locked, leaderless, rate limited);
 * refused: it answered no (rights, validation, state); missing: what was asked for is not there or not known to this version;
 * broken: it answered with something that makes no sense.
 */
export type FaultKind = 'unreachable' | 'busy' | 'refused' | 'missing' | 'broken';

/** The code of a fault that says: something answers at this address, but it is not the machine we know (maintenance mode, or a stranger). */
export const UNTRUSTED_SERVER = 'UNTRUSTED_SERVER';
/** The same, where it is known to be a configured machine of another cluster. */
export const FOREIGN_SERVER = 'FOREIGN_SERVER';

/** Node's codes for TLS that did not come about: a certificate, of theirs or ours, is not accepted. A person must change something. */
export const TLS_CODES =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_(?:VERIFY|GET)_|HOSTNAME_MISMATCH)/;

/** Thrown by adapters only; the message is one sentence that may be shown to people and holds no secret. */
export class Fault extends Error {
  readonly kind: FaultKind;
  /** The other side's own code, e.g. `UNAVAILABLE` or `429`, for logs and doctors. */
  readonly code: string;

  constructor(kind: FaultKind, message: string, details: { code?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Fault';
    this.kind = kind;
    this.code = details.code ?? '';
  }
}

/** Returns the fault in an unknown error, wrapping anything else as `broken`. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault('broken', error instanceof Error ? error.message : String(error), { cause: error });
}

/**
 * How an act that may be sent only once ended, as far as the sender can know (design.md 4.4):
 * done: the other side answered yes; refused: it answered no and nothing happened; withdrawn: it provably never left this process;
 * lost: it may have arrived, and the connection was reset and destroyed so that it cannot arrive later.
 */
export type ActReply<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'withdrawn'; readonly fault: Fault }
  | { readonly kind: 'lost'; readonly fault: Fault };

/** An answer of the simulated world that is an error, with the gRPC code the real system uses. */

export type WorldCode =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'PERMISSION_DENIED'
  | 'FAILED_PRECONDITION'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE';

export class WorldError extends Error {
  readonly code: WorldCode;

  constructor(code: WorldCode, message: string) {
    super(message);
    this.name = 'WorldError';
    this.code = code;
  }
}

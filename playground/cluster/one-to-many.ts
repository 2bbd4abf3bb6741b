/** How answers of several machines are merged for the deprecated `nodes` header (facts/talos-api.md 1.3). */

import { status } from '@grpc/grpc-js';

/** Every reply of MachineService: one element per machine. */
export interface OneToManyReply {
  readonly messages?: readonly object[];
}

/** The elements of one machine's answer, each with the target it was asked by. */
export function named(reply: OneToManyReply, target: string): readonly object[] {
  return (reply.messages ?? []).map((element) => ({ ...element, metadata: { hostname: target } }));
}

/** The element of a machine that failed: the call as a whole is still OK. */
export function failedElement(error: { code: number; details: string }, target: string): object {
  return {
    metadata: {
      hostname: target,
      error: `rpc error: code = ${goName(error.code)} desc = ${error.details}`,
      status: { code: error.code, message: error.details },
    },
  };
}

/** A status code as Go prints it: `DEADLINE_EXCEEDED` is `DeadlineExceeded`. */
function goName(code: number): string {
  const name = (status[code] ?? 'UNKNOWN').toLowerCase();
  return name === 'cancelled'
    ? 'Canceled'
    : name.replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase());
}

// The single translation of what grpc-js and Talos answer into the words of the engine: Fault kinds, and how an act ended.
import { type ServiceError, status } from '@grpc/grpc-js';
import { Fault, type FaultKind, FOREIGN_SERVER, UNTRUSTED_SERVER } from '../engine/ports/fault.ts';
import { upgradeAdvice } from './upgrade-advice.ts';

/** What was asked, of whom, through whom: for the sentence. */
export interface Asked {
  /** The method's name, e.g. `Reboot`. */
  readonly method: string;
  /** The machine asked; null when any machine of the cluster may answer. */
  readonly node: string | null;
  /** The endpoint dialled, `host:port`. */
  readonly via: string;
}

/** Codes of our own, beside the names of grpc's. The endpoint is a worker, which passes no call on. */
export const NO_FORWARDING = 'NO_FORWARDING';
/** The certificate is of our authority, but not for the name that was dialled. */
export const WRONG_HOST_NAME = 'WRONG_HOST_NAME';
/** The other side's own certificate is out of date, or our clock is. */
export const SERVER_EXPIRED = 'SERVER_EXPIRED';

interface Rule {
  readonly codes: readonly number[];
  readonly text?: RegExp;
  readonly kind: FaultKind;
  readonly code?: string;
  /** Said, with its full stop, instead of the server's own text where that would not help a person. */
  readonly sentence?: string;
}

const UNSENT = 'No connection established';

/** First match wins. Every line names the observed situation; section numbers are those of talos-api.md. */
const rules: readonly Rule[] = [
  // 9.3: the other side ends the handshake over our certificate; grpc-js reports it like a dead endpoint.
  {
    codes: [status.UNAVAILABLE],
    text: /alert certificate expired|SSL alert number 45/i,
    kind: 'refused',
    code: 'CERTIFICATE_EXPIRED',
    sentence:
      'it does not accept our client certificate, which has expired by its clock: renew the talosconfig.',
  },
  {
    codes: [status.UNAVAILABLE],
    text: /alert (bad certificate|unknown ca|certificate unknown|decrypt error)|certificate required|SSL alert number (42|46|48|51|116)/i,
    kind: 'refused',
    code: 'CERTIFICATE_REFUSED',
    sentence: 'it does not accept our client certificate: is the talosconfig of another cluster?',
  },
  // 1.1: a name or address that is not in machine.certSANs, mostly a load balancer's.
  {
    codes: [status.UNAVAILABLE],
    text: /ALTNAME_INVALID|does not match certificate/i,
    kind: 'broken',
    code: WRONG_HOST_NAME,
    sentence:
      'its certificate is of this cluster, but not for the name that was dialled: add it to machine.certSANs, or list another.',
  },
  {
    codes: [status.UNAVAILABLE],
    text: /certificate (has expired|is not yet valid)/i,
    kind: 'broken',
    code: SERVER_EXPIRED,
    sentence: "its own certificate is not valid at this time: is its clock right, and this machine's?",
  },
  // 1.6, 9.27: maintenance mode. Also a wrong address, or another cluster's machine: stranger.ts asks who it is.
  {
    codes: [status.UNAVAILABLE],
    text: /self.signed certificate|certificate signature failure|unable to (verify|get)[\w ]*certificate|DEPTH_ZERO/i,
    kind: 'broken',
    code: UNTRUSTED_SERVER,
    sentence:
      "it answers with a certificate that the cluster's CA did not sign for it: is it in maintenance mode?",
  },
  // 1.6, through a peer that does not trust it either; the peer works, so it is the machine that cannot be reached.
  {
    codes: [status.UNAVAILABLE],
    text: /x509: certificate signed by unknown authority/,
    kind: 'unreachable',
    sentence:
      "its peer does not trust it: its certificate is not signed by the cluster's CA. Is it in maintenance mode?",
  },
  {
    codes: [status.UNAVAILABLE],
    text: /\bECONNREFUSED\b/,
    kind: 'unreachable',
    code: 'CONNECTION_REFUSED',
    sentence: 'nothing listens there: the connection was refused.',
  },
  // 3.1: the endpoint and the machine work, containerd on it does not yet.
  { codes: [status.UNAVAILABLE], text: /error connecting to containerd/, kind: 'busy' },
  // 9.6: endpoint down, or endpoint up and target down ("transport: Error while dialing"): nobody answered either way.
  { codes: [status.UNAVAILABLE], kind: 'unreachable' },
  // 3.4: etcd without quorum makes the legacy upgrade's mutex time out on the server.
  { codes: [status.DEADLINE_EXCEEDED], text: /upgrade mutex|etcd/i, kind: 'busy' },
  // Our own limit passed in silence.
  { codes: [status.DEADLINE_EXCEEDED], kind: 'unreachable' },
  // We hung up, or apid did while shutting down (1.6).
  { codes: [status.CANCELLED], kind: 'unreachable' },
  // 6.1: how an older Talos says that it has no such resource type.
  {
    codes: [status.PERMISSION_DENIED],
    text: /(resource type|namespace) .* is not supported/,
    kind: 'missing',
  },
  // 1.3: the endpoint is a worker; another endpoint will do.
  {
    codes: [status.PERMISSION_DENIED],
    text: /no request forwarding/,
    kind: 'refused',
    code: NO_FORWARDING,
    sentence: 'this endpoint is a worker and forwards nothing: list control-plane machines as endpoints.',
  },
  // 1.5: the role check on the target.
  {
    codes: [status.PERMISSION_DENIED],
    text: /not authorized/,
    kind: 'refused',
    code: 'NOT_AUTHORIZED',
    sentence: 'our certificate lacks the role for it: the bot needs os:admin.',
  },
  { codes: [status.PERMISSION_DENIED, status.UNAUTHENTICATED], kind: 'refused' },
  // 3.1, 3.4: the call is known, but not in the state the machine is in.
  { codes: [status.UNIMPLEMENTED], text: /(agent|maintenance) mode/, kind: 'refused' },
  // 2.2: a control-plane method asked of a worker; 3.1: a service this version does not have.
  { codes: [status.UNIMPLEMENTED, status.NOT_FOUND], kind: 'missing' },
  // 3.1: the installer's lock is held; it will be free again.
  { codes: [status.FAILED_PRECONDITION], text: /already in progress/, kind: 'busy' },
  { codes: [status.FAILED_PRECONDITION, status.INVALID_ARGUMENT, status.ALREADY_EXISTS], kind: 'refused' },
  // grpc-js itself, on a message above 32 MiB.
  { codes: [status.RESOURCE_EXHAUSTED], text: /larger than max/i, kind: 'broken' },
  { codes: [status.RESOURCE_EXHAUSTED, status.ABORTED], kind: 'busy' },
  // 3.4: the cluster-wide mutex of legacy upgrades is held, or etcd cannot give it.
  {
    codes: [status.UNKNOWN],
    text: /Locked by another session|upgrade (mutex|lock)|failed to create etcd client/,
    kind: 'busy',
  },
  // 2.2, 3.4: the machine looked and said no, in the code that Go gives to any error.
  {
    codes: [status.UNKNOWN],
    text: /error validating etcd|only one member|path must be a regular file|image verification failed|verification denied|parse image reference|invalid installer|staged upgrade|install options/,
    kind: 'refused',
  },
  // 4: what Rollback says when there is no other entry to boot.
  {
    codes: [status.UNKNOWN],
    text: /cannot rollback to|previous UKI not found|no UKI files found|failed to revert bootloader|file does not exist/,
    kind: 'refused',
  },
  // 3.1, 3.4: the registry failed the machine; asking again later may work.
  { codes: [status.UNKNOWN], text: /failed to pull image|error pulling image/, kind: 'busy' },
  // 2.2: etcd texts that pass: an election, a slow disk, discovery after a boot.
  {
    codes: [status.UNKNOWN],
    text: /no leader|deadline exceeded|etcdserver|no controlplane endpoints/i,
    kind: 'busy',
  },
  // 3.1: the image was collected (unreferenced images go after an hour): pull again.
  { codes: [status.INTERNAL], text: /not found in containerd store/, kind: 'missing' },
  // 3.1: nothing was started, because it has no disk to install to.
  { codes: [status.INTERNAL], text: /system disk/, kind: 'refused' },
  // 9.34: a request the server would not have, wrapped into INTERNAL; 1.3: an address with a port.
  { codes: [status.INTERNAL], text: /code = InvalidArgument|invalid target/, kind: 'refused' },
  // grpc-js, when the stream or the connection broke without a status.
  { codes: [status.INTERNAL], text: /RST_STREAM|HTTP\/2 stream|ECONNRESET|socket/i, kind: 'unreachable' },
];

/** Longest quotation of a server's text in a sentence: enough for its first clause, short enough for a message. */
const QUOTE_LENGTH = 240;

/** Whole ones; of less than one the tenths, so that it never reads as none. */
function secondsText(seconds: number): string {
  return seconds < 1 ? Math.max(0.1, seconds).toFixed(1) : String(Math.round(seconds));
}

/** The first line of a text, without what grpc-js puts around the reason for having no connection. */
function quoted(text: string): string {
  const line = (text.split('\n')[0] ?? '')
    .replace(/^No connection established\. Last error: (?:Error(?: \[\w+\])?: )?/, 'no connection: ')
    .replace(/ Resolution note:.*$/, '')
    // grpc-js adds what it did in that time, down to the addresses of both sides.
    .replace(
      /^Deadline exceeded after ([\d.]+)s.*$/,
      (_, seconds) => `no answer within ${secondsText(Number(seconds))} s`,
    )
    .replace(/[.\s]+$/, '');
  return line.length > QUOTE_LENGTH ? `${line.slice(0, QUOTE_LENGTH)}…` : line;
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}

/** Translates whatever a call threw into a Fault whose message is one sentence for people. Faults pass through. */
export function talosFault(error: unknown, asked: Asked): Fault {
  if (error instanceof Fault) return error;
  const whom = asked.node === null ? asked.via : `${asked.node} (through ${asked.via})`;
  if (!isServiceError(error)) {
    const name = error instanceof Error ? error.name : '';
    const text = quoted(error instanceof Error ? error.message : String(error));
    // An aborted signal: the caller no longer waits, which says nothing about the machine.
    const kind = name === 'AbortError' || name === 'TimeoutError' ? 'unreachable' : 'broken';
    return new Fault(kind, `${asked.method} of ${whom} failed: ${text}.`, { code: name, cause: error });
  }
  const rule = rules.find(
    ({ codes, text }) => codes.includes(error.code) && (text === undefined || text.test(error.details)),
  );
  const code = rule?.code ?? status[error.code] ?? String(error.code);
  const why = rule?.sentence ?? `${quoted(error.details)}.${upgradeAdvice(error.details)}`;
  return new Fault(rule?.kind ?? 'broken', `${asked.method} of ${whom} failed: ${why}`, {
    code,
    cause: error,
  });
}

const WAY_FAILED: readonly string[] = [
  UNTRUSTED_SERVER,
  FOREIGN_SERVER,
  WRONG_HOST_NAME,
  SERVER_EXPIRED,
  NO_FORWARDING,
];

/** True when another way to the same machine may do better: the way failed, not the machine said no. */
export function maySucceedElsewhere(fault: Fault): boolean {
  return fault.kind === 'unreachable' || WAY_FAILED.includes(fault.code);
}

/**
 * The fault to end with when all these ways failed, in the order in which they were tried; at least one. The last one decides what
 * is done next; but a worker among the endpoints is said first, because a person can mend that and a restarting machine would hide it.
 */
export function endOfWays(faults: readonly Fault[]): Fault {
  const worker = faults.find(({ code }) => code === NO_FORWARDING);
  const other = faults.findLast(({ code }) => code !== NO_FORWARDING);
  const only = other ?? worker;
  if (only === undefined) throw new Error('no way was tried');
  if (worker === undefined || other === undefined) return only;
  const { kind, code, cause } = other;
  return new Fault(kind, `${worker.message} And ${other.message}`, { code, cause });
}

/** Codes with which the server itself says no before it does anything. */
const NOES: readonly number[] = [
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.INVALID_ARGUMENT,
  status.FAILED_PRECONDITION,
  status.UNIMPLEMENTED,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
];

/** Texts in unspecific codes of which the source shows that nothing was begun (3.1 before the installer starts, 3.4, 4). */
const EARLY_NOES =
  /error validating (installer image|etcd)|failed to acquire upgrade (mutex|lock)|failed to create etcd client|error (adding staged upgrade|applying install|serializing install)|cannot rollback to|previous UKI not found|no UKI files found|invalid default entry|^file does not exist|not found in containerd store|system disk|failed to create (lease|container|task)|code = InvalidArgument|invalid target/;

/**
 * The same of an upgrade in one call, whatever the code: grpc-go gives an error that wraps an ended context, or another status, the code
 * of that. Talos's own words come first in it, and nothing that grpc-js says by itself begins with them.
 */
const LEGACY_NOES =
  /^(error validating (installer image|etcd)|failed to acquire upgrade (mutex|lock)|failed to create etcd client)\b/;

/**
 * How a failed act ended, as far as its sender can know: `refused` only where the answer proves that nothing happened,
 * `withdrawn` only where it provably never left; everything else is `lost`, also an unknown text in an unspecific code.
 */
export function endOfAct(error: unknown): 'refused' | 'withdrawn' | 'lost' {
  if (!isServiceError(error)) return 'lost';
  if (NOES.includes(error.code) || LEGACY_NOES.test(error.details)) return 'refused';
  if (error.code === status.UNAVAILABLE && error.details.includes(UNSENT)) return 'withdrawn';
  const unspecific = error.code === status.UNKNOWN || error.code === status.INTERNAL;
  return unspecific && EARLY_NOES.test(error.details) ? 'refused' : 'lost';
}

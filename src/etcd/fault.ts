// The single translation of what etcd3 throws into Faults whose messages are short sentences for people.
import { Fault, type FaultKind } from '../engine/ports/fault.ts';

interface Rule {
  /** grpc's code by name, as it stands in every message that etcd3 passes on: `14 UNAVAILABLE: …`. */
  readonly codes: readonly string[];
  readonly text?: RegExp;
  readonly kind: FaultKind;
  /** Completes "etcd on cp-1 …"; without it the other side's own text is quoted. */
  readonly says?: string;
}

const LATE = 'does not answer in time: it sees no quorum, or is too slow';

/** First match wins; every text was seen against etcd 3.4 and Node's TLS (test/etcd), or is etcd's own (v3rpc errors). */
const rules: readonly Rule[] = [
  {
    codes: ['UNAVAILABLE'],
    text: /alert certificate expired|alert bad certificate|alert unknown ca|certificate required|SSL alert number (42|45|46|48|116)/i,
    kind: 'refused',
    says: 'does not accept our client certificate (expired, or of another cluster)',
  },
  {
    codes: ['UNAVAILABLE'],
    text: /certificate signature failure|self.signed|unable to (verify|get)[\w ]*certificate|ALTNAME_INVALID|does not match certificate|certificate has expired|certificate is not yet valid/i,
    kind: 'broken',
    says: "shows a certificate that is expired or was not signed for it by the cluster's etcd authority",
  },
  {
    codes: ['UNAVAILABLE'],
    text: /wrong version number|packet length too long/i,
    kind: 'broken',
    says: 'does not speak TLS',
  },
  // A learner does not vote, and serves no read that could prove anything.
  {
    codes: ['UNAVAILABLE'],
    text: /not supported for learner/,
    kind: 'busy',
    says: 'is still a learner',
  },
  // An election, a member that lost its leader, a server too busy to commit: it passes, or it is the quorum that is missing.
  { codes: ['UNAVAILABLE', 'UNKNOWN'], text: /etcdserver: /, kind: 'busy' },
  { codes: ['UNAVAILABLE'], text: /ECONNREFUSED/, kind: 'unreachable', says: 'refuses connections' },
  { codes: ['UNAVAILABLE', 'CANCELLED', 'INTERNAL'], kind: 'unreachable' },
  // No connection came about: the machine is gone, cut off or frozen.
  {
    codes: ['DEADLINE_EXCEEDED'],
    text: /Waiting for LB pick/,
    kind: 'unreachable',
    says: 'does not accept a connection in time',
  },
  // Connected, and no answer: what a member without its quorum does. Our deadline travels along, and the server may say so first.
  { codes: ['DEADLINE_EXCEEDED'], kind: 'busy', says: LATE },
  { codes: ['UNKNOWN'], text: /context deadline exceeded/, kind: 'busy', says: LATE },
  // The database is full until somebody frees it; anything else of this code is too much at once.
  { codes: ['RESOURCE_EXHAUSTED'], text: /database space exceeded/, kind: 'refused' },
  { codes: ['RESOURCE_EXHAUSTED', 'ABORTED'], kind: 'busy' },
  { codes: ['NOT_FOUND'], text: /lease not found/, kind: 'missing' },
  {
    codes: ['PERMISSION_DENIED', 'UNAUTHENTICATED', 'INVALID_ARGUMENT', 'FAILED_PRECONDITION'],
    kind: 'refused',
  },
];

/** Longest quotation of a text in a sentence: enough for its first clause, short enough for a message. */
const QUOTE_LENGTH = 160;

/** Translates whatever a question to the etcd of this node threw. Faults pass through. */
export function etcdFault(error: unknown, node: string): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  const [, code = '', text = ''] = /\b\d+ ([A-Z_]+): (.*)/.exec(message) ?? [];
  if (code === '' && isUnusable(error)) {
    return new Fault('refused', `Our etcd credentials cannot be used: ${quoted(message)}.`, { cause: error });
  }
  const rule = rules.find(
    (one) => one.codes.includes(code) && (one.text === undefined || one.text.test(text)),
  );
  const says = rule?.says ?? `fails: ${quoted(text || message)}`;
  return new Fault(rule?.kind ?? 'broken', `etcd on ${node} ${says}.`, { code, cause: error });
}

/** OpenSSL refuses a certificate or key before anything is dialled; its texts name the trouble, never the content. */
function isUnusable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_OSSL');
}

function quoted(text: string): string {
  const line = (text.split('\n')[0] ?? '')
    .replace(/^No connection established\. Last error: (?:Error: )?/, 'no connection: ')
    .replace(/ Resolution note:.*$/, '')
    .replace(/[.\s]+$/, '');
  return line.length > QUOTE_LENGTH ? `${line.slice(0, QUOTE_LENGTH)}…` : line;
}

// The last lines of a machine's own logs, for people: what might be a secret is taken out before anybody sees it.
import type { Answer } from './answer.ts';

export interface LogTail {
  /** Talos's own log of this boot. */
  readonly machined: Answer<readonly string[]>;
  /** The kernel's ring buffer, into which Talos writes as well. */
  readonly kernel: Answer<readonly string[]>;
}

export const HIDDEN = '[hidden]';

/** `token: x`, `"password"="x"`, `Authorization: Bearer x`: the word stays, what it is about does not. */
const NAMED =
  /\b([\w.-]*(?:token|secret|password|passwd|passphrase|authorization|api[-_]?key|private[-_]?key)["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?)[^\s"',;}\]]+/gi;
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
const IN_URL = /(\/\/)[^/\s:@]+:[^/\s@]+@/g;
/** Certificates, keys and sealed data are long runs of base64; no word and no digest (64 hexadecimal digits) is. */
const LONG_BASE64 = /[A-Za-z0-9+/]{100,}={0,2}/g;
const PEM_LINE = /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g;

/** Loose on purpose: a hidden word costs a reader little, a shown secret costs the cluster. */
export function withoutSecrets(lines: readonly string[]): readonly string[] {
  let within = false;
  return lines.map((line) => {
    const begins = line.includes('-----BEGIN ');
    const ends = line.includes('-----END ');
    if (within) {
      if (ends) within = false;
      return HIDDEN;
    }
    within = begins && !ends;
    return line
      .replaceAll(PEM_LINE, HIDDEN)
      .replaceAll(NAMED, `$1${HIDDEN}`)
      .replaceAll(BEARER, `$1 ${HIDDEN}`)
      .replaceAll(IN_URL, `$1${HIDDEN}@`)
      .replaceAll(LONG_BASE64, HIDDEN);
  });
}

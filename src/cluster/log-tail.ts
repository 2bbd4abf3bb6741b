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
/** The user may be missing: `redis://:password@host`. */
const IN_URL = /(\/\/)[^/\s:@]*:[^/\s@]+@/g;
/** Certificates, keys and sealed data are long runs of base64; no word and no digest (64 hexadecimal digits) is. */
const LONG_BASE64 = /[A-Za-z0-9+/]{100,}={0,2}/g;
/** A line that is nothing but base64: of a PEM whose BEGIN was not read. A digest alone on its line is shown. */
const BASE64_LINE = /^\s*(?![0-9a-f]+\s*$)[A-Za-z0-9+/]{40,}={0,2}\s*$/;
/** The last line of a PEM's body may be short. */
const SHORT_BASE64_LINE = /^\s*[A-Za-z0-9+/]+={0,2}\s*$/;
const PEM_LINE = /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g;

/** Loose on purpose: a hidden word costs a reader little, a shown secret costs the cluster. */
export function withoutSecrets(lines: readonly string[]): readonly string[] {
  let within = false;
  return lines.map((line, index) => {
    const begins = line.includes('-----BEGIN ');
    const ends = line.includes('-----END ');
    if (within) {
      if (ends) within = false;
      return HIDDEN;
    }
    within = begins && !ends;
    if (ends && !begins) return HIDDEN;
    const last = SHORT_BASE64_LINE.test(line) && (lines[index + 1]?.includes('-----END ') ?? false);
    if (last || BASE64_LINE.test(line)) return HIDDEN;
    return line
      .replaceAll(PEM_LINE, HIDDEN)
      .replaceAll(NAMED, `$1${HIDDEN}`)
      .replaceAll(BEARER, `$1 ${HIDDEN}`)
      .replaceAll(IN_URL, `$1${HIDDEN}@`)
      .replaceAll(LONG_BASE64, HIDDEN);
  });
}

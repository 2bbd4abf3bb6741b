// The talosconfig in use, read again while the program runs: Talos renews a mounted one, and people replace an expiring one.
import { readFileSync } from 'node:fs';
import { readTalosconfig, type TalosContext, type TalosconfigReading } from './talosconfig.ts';

/**
 * Milliseconds for which what was read last counts. Looked at when somebody asks, not watched: kubelet replaces a mounted file by
 * swapping the symlinked folder above it, of which a watch on the file hears nothing, and network file systems tell no watch at all.
 */
export const REREAD_AFTER_MS = 5_000;

export interface TalosconfigFile {
  readonly path: string;
  /** Null: the file's own default. */
  readonly context: string | null;
}

export interface IdentitySourceOptions {
  readonly file: TalosconfigFile;
  /** What the file said when the program started. */
  readonly first: TalosContext;
  /** Milliseconds; default `REREAD_AFTER_MS`. */
  readonly rereadAfterMs?: number;
  /** Told once for each change: the new context, or why the changed file is not used. */
  readonly onChange?: (change: IdentityChange) => void;
}

export type IdentityChange =
  | { readonly kind: 'renewed'; readonly context: TalosContext }
  | { readonly kind: 'unusable'; readonly sentences: readonly string[] };

/** Reads the file now. Never throws: a file that cannot be read is a mistake like others. */
export function readTalosconfigFile({ path, context }: TalosconfigFile, nowMs: number): TalosconfigReading {
  try {
    const text = readFileSync(path, 'utf8');
    return readTalosconfig(text, { nowMs, ...(context === null ? {} : { context }) });
  } catch (error) {
    return { kind: 'mistaken', sentences: [`The talosconfig cannot be read: ${whyUnread(error)}.`] };
  }
}

/** As README.md has it. */
export const NEW_TALOSCONFIG = '`talosctl config new ./talosconfig --roles os:admin --crt-ttl 8760h`';

/** Without the path, which is said beside it. */
function whyUnread(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOENT') return `there is no such file; make one with ${NEW_TALOSCONFIG}`;
  if (code === 'EACCES') return 'this user may not read it';
  if (code === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
}

export class IdentitySource {
  readonly #file: TalosconfigFile;
  readonly #rereadAfterMs: number;
  readonly #onChange: (change: IdentityChange) => void;
  #used: TalosContext;
  #sentences: readonly string[] = [];
  /** Monotonic milliseconds. */
  #readAt = performance.now();

  constructor(options: IdentitySourceOptions) {
    this.#file = options.file;
    this.#used = options.first;
    this.#rereadAfterMs = options.rereadAfterMs ?? REREAD_AFTER_MS;
    this.#onChange = options.onChange ?? (() => undefined);
  }

  /** The context to use now; the same object as long as nothing changed. Never throws. */
  current(): TalosContext {
    if (performance.now() - this.#readAt >= this.#rereadAfterMs) this.reread();
    return this.#used;
  }

  /**
   * Looks at the file at once. It is read whole each time, because a swapped file may be older than the one it replaces; synchronously,
   * because it is some kilobytes and every call needs to know. What cannot be used leaves the former context in use.
   */
  reread(): TalosContext {
    this.#readAt = performance.now();
    const reading = readTalosconfigFile(this.#file, Date.now());
    const sentences = reading.kind === 'read' ? this.#strangeness(reading.context) : reading.sentences;
    if (sentences.length > 0) this.#refuse(sentences);
    else if (reading.kind === 'read') this.#take(reading.context);
    return this.#used;
  }

  /** Why the file as it is now is not used; null when it is. */
  stale(): string | null {
    return this.#sentences.length === 0 ? null : this.#sentences.join(' ');
  }

  /** Another authority is another cluster, and its machines must not be taken for this one's. */
  #strangeness({ identity }: TalosContext): readonly string[] {
    const known = certificatesIn(this.#used.identity.ca);
    if (certificatesIn(identity.ca).some((one) => known.includes(one))) return [];
    return [
      "The talosconfig now has another ca, which may be another cluster's: restart the bot if it is not.",
    ];
  }

  #refuse(sentences: readonly string[]): void {
    const before = this.stale();
    this.#sentences = sentences;
    if (this.stale() !== before) this.#onChange({ kind: 'unusable', sentences });
  }

  #take(context: TalosContext): void {
    this.#sentences = [];
    if (JSON.stringify(context) === JSON.stringify(this.#used)) return;
    this.#used = context;
    this.#onChange({ kind: 'renewed', context });
  }
}

/** While an authority is being replaced, the old certificate and the new one stand in one text. */
function certificatesIn(pem: string): readonly string[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).map((one) =>
    one.replaceAll(/\s/g, ''),
  );
}

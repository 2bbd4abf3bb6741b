// Our own access to one cluster: says in the log what the certificate allows and for how long, and asks a machine whether that is so.
import {
  type AccessView,
  EXPIRY_REFUSAL_MS,
  EXPIRY_WARNING_MS,
  effectiveRoles,
  lacking,
} from '../cluster/access.ts';
import type { Access } from '../engine/ports/access.ts';
import { faultOf } from '../engine/ports/fault.ts';
import type { Log } from '../engine/ports/log.ts';
import { Connection, type ConnectionSettings } from './connection.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import type { IdentitySource } from './identity-source.ts';
import { Reads } from './reads.ts';
import type { TalosContext } from './talosconfig.ts';

export interface AccessParts {
  readonly cluster: string;
  readonly source: IdentitySource;
  /** How machines are reached; its `current` is the source's. */
  readonly connection: ConnectionSettings;
  readonly log: Log;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A file that only os:admin may read on any version, that every machine has, and that holds no secret (talos-api.md 1.5, 3.3). */
const ADMIN_FILE = '/proc/sys/kernel/random/boot_id';
/** Milliseconds for the question: a survey waits for it, and goes on without. */
const ASK_LIMIT_MS = 3_000;

type Verdict = AccessView['admin'];

export class TalosAccess implements Access {
  readonly #parts: AccessParts;
  readonly #daily: NodeJS.Timeout;
  /** The context the verdict is about; another one is asked about again. */
  #asked: TalosContext | null = null;
  #verdict: Verdict = 'unasked';
  #told = '';
  #silence = '';

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#tellExpiry(parts.source.current());
    // A certificate runs out while nobody asks for anything, too.
    this.#daily = setInterval(() => this.#tellExpiry(parts.source.reread()), DAY_MS);
    this.#daily.unref();
  }

  async seen(): Promise<AccessView> {
    const { source } = this.#parts;
    const context = source.reread();
    if (this.#asked !== context || this.#verdict === 'unasked') {
      this.#verdict = await this.#ask();
      this.#asked = context;
    }
    const { roles, expiresAtMs } = context;
    const until = `${new Date(expiresAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const view = { roles, expiresAt: expiresAtMs, until, admin: this.#verdict, stale: source.stale() };
    this.#tellLacks(view);
    return view;
  }

  async close(): Promise<void> {
    clearInterval(this.#daily);
  }

  /** Asks whichever endpoint answers, over a connection of its own: this is once per certificate. Never rejects. */
  async #ask(): Promise<Verdict> {
    try {
      const reads = new Reads(new Connection(this.#parts.connection));
      const question = { node: null, limitMs: ASK_LIMIT_MS };
      await reads
        .collect(MachineService.method.read, { path: ADMIN_FILE }, question)
        .finally(() => reads.close());
      return 'granted';
    } catch (error) {
      const { code, message } = faultOf(error);
      if (code === 'NOT_AUTHORIZED') return 'denied';
      this.#tellSilence(message);
      return 'unasked';
    }
  }

  /** Once for each reason: whoever starts the bot sees at once that it reaches nobody, and why. */
  #tellSilence(error: string): void {
    if (error === this.#silence) return;
    this.#silence = error;
    const { cluster, log } = this.#parts;
    log.warn('no machine answered when it was asked about our Talos role', { cluster, error });
  }

  /** Once for each set of things that cannot be done. */
  #tellLacks(view: AccessView): void {
    const { cluster, log } = this.#parts;
    const lacks = lacking(view);
    const key = lacks.join();
    if (key === this.#told) return;
    this.#told = key;
    const roles = effectiveRoles(view).join(', ');
    for (const lack of lacks)
      log.warn('our Talos role is not enough for everything', { cluster, roles, lack });
  }

  #tellExpiry({ expiresAtMs }: TalosContext): void {
    const { cluster, log } = this.#parts;
    const leftMs = expiresAtMs - Date.now();
    if (leftMs >= EXPIRY_WARNING_MS) return;
    if (leftMs <= 0) {
      log.error('the client certificate of a talosconfig has expired', { cluster });
    } else if (leftMs < EXPIRY_REFUSAL_MS) {
      log.error('the client certificate of a talosconfig ends within two days, so nothing new is begun', {
        cluster,
        hours: Math.floor(leftMs / HOUR_MS),
      });
    } else {
      log.warn('the client certificate of a talosconfig expires soon', {
        cluster,
        days: Math.floor(leftMs / DAY_MS),
      });
    }
  }
}

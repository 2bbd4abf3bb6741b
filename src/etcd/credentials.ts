// With what etcd lets us in: read from files, or through the machines by a function that main gives; kept for a while.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Fault } from '../engine/ports/fault.ts';
import type { EtcdCredentials } from '../engine/ports/machines.ts';

/** Asks for credentials through the machine at this address; files do not care which. Bounded in time; throws Fault. */
export type CredentialSource = (address: string) => Promise<EtcdCredentials>;

export interface CredentialFiles {
  readonly ca: string;
  readonly crt: string;
  readonly key: string;
}

/** Milliseconds after which credentials are read anew: Talos renews them on disk, and so do people. */
const KEEP_MS = 600_000;

/** Throws Fault `missing` when a file cannot be read, `refused` when the three do not belong together. */
export function credentialsFromFiles(files: CredentialFiles): EtcdCredentials {
  const { ca, crt, key } = files;
  const credentials = { ca: textOf(ca), crt: textOf(crt), key: textOf(key) };
  try {
    // A TLS context takes an empty text for "none": it would trust nobody, or show nothing.
    new X509Certificate(credentials.ca);
    if (!new X509Certificate(credentials.crt).checkPrivateKey(createPrivateKey(credentials.key)))
      throw new Error('the key belongs to another certificate');
  } catch (error) {
    // OpenSSL names the trouble ("key values mismatch", "no start line"), never the content.
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault(
      'refused',
      `The etcd credentials ${ca}, ${crt} and ${key} cannot be used together: ${why}.`,
    );
  }
  return credentials;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault('missing', `The etcd credential ${path} cannot be read: ${why}.`, { cause: error });
  }
}

/** Credentials from a source, kept until they are old or did not work. */
export class CredentialKeeper {
  readonly #source: CredentialSource;
  #kept: { readonly credentials: EtcdCredentials; readonly until: number } | null = null;

  constructor(source: CredentialSource) {
    this.#source = source;
  }

  /** Tries the machines one after another. Throws the last Fault. */
  async through(addresses: readonly string[]): Promise<EtcdCredentials> {
    if (this.#kept !== null && performance.now() < this.#kept.until) return this.#kept.credentials;
    let last: unknown = new Fault(
      'missing',
      'There is no control-plane machine to read etcd credentials from.',
    );
    for (const address of addresses) {
      try {
        const credentials = await this.#source(address);
        this.#kept = { credentials, until: performance.now() + KEEP_MS };
        return credentials;
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  /**
   * Asks the source again next time when our credentials may be why a question failed: refused, ours were not accepted; broken, the
   * other side's certificate was not signed by the authority we know, as after a rotation of etcd's authority.
   */
  forgetAfter({ kind }: Fault): void {
    if (kind === 'refused' || kind === 'broken') this.#kept = null;
  }
}

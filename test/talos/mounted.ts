// A folder with a talosconfig in it, mounted and renewed as kubelet does: behind a symlink that is swapped in one step.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import {
  IdentitySource,
  type IdentitySourceOptions,
  readTalosconfigFile,
} from '../../src/talos/identity-source.ts';
import type { Issued } from './pki.ts';

export interface Mounted {
  readonly path: string;
  /** Swaps the folder below the file. */
  swap(text: string): void;
  /** Takes the mounted file away. */
  empty(): void;
}

export function aMountedFile(text: string): Mounted {
  const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-mounted-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let version = 0;
  const put = (content: string | null): void => {
    version += 1;
    const next = `..2026_${version}`;
    mkdirSync(join(folder, next));
    if (content !== null) writeFileSync(join(folder, next, 'config'), content);
    symlinkSync(next, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    if (version > 1) rmSync(join(folder, `..2026_${version - 1}`), { recursive: true });
  };
  put(text);
  symlinkSync(join('..data', 'config'), join(folder, 'config'));
  return { path: join(folder, 'config'), swap: put, empty: () => put(null) };
}

/** A talosconfig with endpoints on these ports of loopback. */
export function talosconfigText(ca: string, client: Issued, ports: readonly number[]): string {
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const endpoints = ports.map((port) => `127.0.0.1:${port}`);
  const context = { endpoints, ca: base64(ca), crt: base64(client.crt), key: base64(client.key) };
  return stringify({ context: 'prod', contexts: { prod: context } });
}

/** Reads the file at each question. */
export function sourceOf(
  path: string,
  options: Partial<Pick<IdentitySourceOptions, 'onChange' | 'rereadAfterMs'>> = {},
): IdentitySource {
  const file = { path, context: null };
  const reading = readTalosconfigFile(file, Date.now());
  if (reading.kind === 'mistaken') throw new Error(reading.sentences.join());
  return new IdentitySource({ file, first: reading.context, rereadAfterMs: 0, ...options });
}

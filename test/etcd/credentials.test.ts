// Credentials from files, and how long they are kept.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Fault, type FaultKind } from '../../src/engine/ports/fault.ts';
import { CredentialKeeper, credentialsFromFiles } from '../../src/etcd/credentials.ts';
import { anEtcdAuthority } from './pki.ts';

const authority = await anEtcdAuthority();
const good = await authority.credentials();
const other = await authority.credentials();

/** Three files in a folder of the test's own. */
function filesWith(texts: { readonly ca: string; readonly crt: string; readonly key: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-credentials-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  for (const [name, text] of Object.entries(texts)) writeFileSync(at(name), text, { mode: 0o600 });
  return { ca: at('ca'), crt: at('crt'), key: at('key') };
}

describe('credential files', () => {
  it('are read when they belong together', () => {
    expect(credentialsFromFiles(filesWith(good))).toEqual(good);
  });

  it.each([
    ['a key of another certificate', { ...good, key: other.key }],
    ['a cut certificate', { ...good, crt: good.crt.slice(0, 200) }],
    ['an authority that is no certificate', { ...good, ca: 'hello' }],
    ['an empty key', { ...good, key: '' }],
  ])('are refused with %s, by their names and not by their content', (_what, texts) => {
    const files = filesWith(texts);
    const reading = () => credentialsFromFiles(files);
    expect(reading).toThrow(
      expect.objectContaining({ kind: 'refused', message: expect.stringContaining(files.key) }),
    );
    expect(reading).not.toThrow(/BEGIN/);
  });

  it('are missing when one cannot be read', () => {
    const files = { ...filesWith(good), crt: '/nowhere/client.crt' };
    expect(() => credentialsFromFiles(files)).toThrow(
      expect.objectContaining({ kind: 'missing', message: expect.stringContaining('/nowhere/client.crt') }),
    );
  });
});

describe('credentials that are kept', () => {
  it.each<[FaultKind, 1 | 2]>([
    ['refused', 2],
    // The authority was rotated: etcd's certificate is signed by one that the kept credentials do not know.
    ['broken', 2],
    ['unreachable', 1],
    ['busy', 1],
  ])('are asked for once; after a question that ended %s %d times', async (kind, times) => {
    let asked = 0;
    const keeper = new CredentialKeeper(async () => {
      asked += 1;
      return good;
    });
    await keeper.through(['10.0.0.1', '10.0.0.2']);
    await keeper.through(['10.0.0.3']);
    expect(asked).toBe(1);
    keeper.forgetAfter(new Fault(kind, 'etcd on cp-1 fails.'));
    await keeper.through(['10.0.0.3']);
    expect(asked).toBe(times);
  });

  it('are asked of the next machine when one does not answer', async () => {
    const keeper = new CredentialKeeper(async (address) => {
      if (address === '10.0.0.1') throw new Error('silence');
      return good;
    });
    expect(await keeper.through(['10.0.0.1', '10.0.0.2'])).toBe(good);
  });

  it('do not exist without a machine', async () => {
    await expect(new CredentialKeeper(async () => good).through([])).rejects.toMatchObject({
      kind: 'missing',
    });
  });
});

// The etcd client certificate of a control-plane machine, read from its files: the authority's key stays where it is.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { Fault } from '../engine/ports/fault.ts';
import type { EtcdCredentials } from '../engine/ports/machines.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import type { Reads } from './reads.ts';
import { joined } from './reply.ts';

/** Where Talos keeps them on control-plane machines (talos-api.md 10); `Read` avoids EtcdRootSecrets and its CA key. */
const FOLDER = '/system/secrets/etcd';

/** Needs os:admin. Throws Fault: `missing` on workers, `broken` when a file arrived incomplete. The result is a secret. */
export async function etcdCredentialsOf(reads: Reads, address: string): Promise<EtcdCredentials> {
  const [ca, crt, key] = await Promise.all(
    ['ca.crt', 'admin.crt', 'admin.key'].map((name) => fileText(reads, address, `${FOLDER}/${name}`)),
  );
  const found: EtcdCredentials = { ca: ca ?? '', crt: crt ?? '', key: key ?? '' };
  requireWhole(found, address);
  return found;
}

async function fileText(reads: Reads, address: string, path: string): Promise<string> {
  const chunks = await reads.collect(MachineService.method.read, { path }, { node: address });
  return joined(chunks).toString('utf8');
}

/** A machine that fails while reading ends the stream as if all were well (talos-api.md 2.2): the texts must prove themselves. */
function requireWhole({ ca, crt, key }: EtcdCredentials, address: string): void {
  try {
    new X509Certificate(ca);
    if (new X509Certificate(crt).checkPrivateKey(createPrivateKey(key))) return;
  } catch {
    // OpenSSL's texts say nothing a person could use.
  }
  throw new Fault('broken', `The etcd client certificate read from ${address} is incomplete.`);
}

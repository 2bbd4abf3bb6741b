// A certificate signing request as a kubelet writes it: a real API refuses what is none.
import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Base64 of its PEM. */
export async function aSigningRequest(node: string): Promise<string> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `O=system:nodes,CN=system:node:${node}`,
    keys,
    signingAlgorithm: ALGORITHM,
  });
  return Buffer.from(request.toString('pem')).toString('base64');
}

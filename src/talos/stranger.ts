// Who answers with a certificate that our authority did not sign: a machine in maintenance mode, or one of another cluster.
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { Fault, FOREIGN_SERVER, UNTRUSTED_SERVER } from '../engine/ports/fault.ts';
import type { Endpoint } from './endpoint.ts';
import type { Asked } from './fault.ts';

export type Stranger = 'maintenance' | 'foreign' | 'unknown';

/** Milliseconds for the look: a machine in maintenance mode speaks first and at once. */
const LOOK_LIMIT_MS = 1_500;

/**
 * Tells maintenance mode from another cluster's machine, which their certificates cannot: both are signed by an authority that we
 * do not know (in maintenance mode by one made at boot). But only a configured machine asks for a client certificate, so one that
 * greets somebody without any is in maintenance mode. Nothing of ours is shown to it. Never rejects.
 */
export function whoAnswers({ host, port }: Endpoint): Promise<Stranger> {
  return new Promise((resolve) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, ...name, ALPNProtocols: ['h2'], rejectUnauthorized: false });
    const timer = setTimeout(() => say('unknown'), LOOK_LIMIT_MS);
    let greeted = false;
    let connected = false;
    const say = (stranger: Stranger): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(stranger);
    };
    socket.on('secureConnect', () => {
      connected = true;
      // The preface and empty SETTINGS of HTTP/2 (RFC 9113 3.4): some servers greet only who greets them.
      socket.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'));
    });
    socket.on('data', () => {
      greeted = true;
      say('maintenance');
    });
    socket.on('error', (error) => {
      // Over TLS 1.2 the handshake itself ends so; over 1.3 it seems to succeed first.
      const unwanted = /alert|certificate/i.test(error.message) || connected;
      say(unwanted && !greeted ? 'foreign' : 'unknown');
    });
    socket.on('close', () => say(connected && !greeted ? 'foreign' : 'unknown'));
  });
}

/** A fault as it came, or, when a stranger answered at this endpoint, one that says who that is. Never rejects. */
export async function recognised(
  fault: Fault,
  endpoint: Endpoint,
  { method, node, via }: Asked,
): Promise<Fault> {
  if (fault.code !== UNTRUSTED_SERVER) return fault;
  const stranger = await whoAnswers(endpoint);
  if (stranger === 'unknown') return fault;
  const whom = node === null ? via : `${node} (through ${via})`;
  const { cause } = fault;
  const sentence =
    stranger === 'maintenance'
      ? 'it is in maintenance mode: it has no configuration, and its certificate is of nobody we know.'
      : "it is a configured machine, but its certificate is not signed by the talosconfig's ca: is it another cluster's?";
  const code = stranger === 'maintenance' ? UNTRUSTED_SERVER : FOREIGN_SERVER;
  return new Fault('broken', `${method} of ${whom} failed: ${sentence}`, { code, cause });
}

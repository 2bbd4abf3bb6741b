// Two addresses for an orchestrator's probes: /healthz says that the process turns, /readyz whether it can do its work now.
import { createServer } from 'node:http';
import { Fault } from './engine/ports/fault.ts';

export interface ProbeParts {
  /** 0: any free one. */
  readonly port: number;
  /** The address it listens on; a kubelet asks the pod's own. */
  readonly host?: string;
  /** Why the process cannot do its work now, in a few words without secrets; null when it can. */
  readonly trouble: () => string | null;
}

export interface Probes {
  readonly port: number;
  close(): Promise<void>;
}

/** A probe is one short question; whoever sends less or keeps the line is no probe. */
const REQUEST_LIMIT_MS = 2_000;
const MOST_CONNECTIONS = 20;

/**
 * Never red for what a restart does not mend: only /readyz tells of Slack or Redis. Rejects with Fault `refused` when the port is not
 * to be had.
 */
export function startProbes({ port, host, trouble }: ProbeParts): Promise<Probes> {
  const server = createServer(
    { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS, keepAlive: false },
    (request, response) => {
      const why = request.url === '/readyz' ? trouble() : null;
      const known = request.url === '/readyz' || request.url === '/healthz';
      response.writeHead(known ? (why === null ? 200 : 503) : 404, { 'content-type': 'text/plain' });
      response.end(known ? `${why ?? 'ok'}\n` : 'only /healthz and /readyz are here\n');
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new Fault('refused', `PROBE_PORT ${port} cannot be listened on: ${error.message}`, { cause: error }),
      ),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

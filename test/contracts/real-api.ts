// A real kube-apiserver, asked with plain requests: what the suites use to bring their own objects about and to take them away.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';

/** A cluster that says so itself may be written to; every other is somebody's. */
const PERMISSION = '/api/v1/namespaces/default/configmaps/talos-chatops-test';
/** Milliseconds for one request. */
const LIMIT_MS = 10_000;

export interface ApiReply {
  readonly code: number;
  readonly body: unknown;
}

export interface RealApi {
  readonly kubeconfig: string;
  /** Whatever the API answers; rejects when nobody does. */
  ask(method: string, path: string, body?: object): Promise<ApiReply>;
  /** Rejects unless the API says yes; what is there already is fine, and so is what is gone when it is deleted. */
  must(method: string, path: string, body?: object): Promise<unknown>;
  close(): void;
}

/** The path in `TALOS_CHATOPS_TEST_KUBECONFIG`, never `KUBECONFIG`; null when nobody asks for a real API. */
export function realKubeconfigPath(): string | null {
  return process.env['TALOS_CHATOPS_TEST_KUBECONFIG'] || null;
}

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string } },
  ];
  readonly users: readonly [
    {
      readonly user: {
        readonly token?: string;
        readonly 'client-certificate-data'?: string;
        readonly 'client-key-data'?: string;
      };
    },
  ];
}

/** The first cluster and user of the file, their keys within it. Rejects for a cluster that did not agree to be written to. */
export async function openRealApi(path: string): Promise<RealApi> {
  const kubeconfig = readFileSync(path, 'utf8');
  const { clusters, users } = parse(kubeconfig) as Kubeconfig;
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const { token, 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
  const pem = (data: string | undefined) => (data === undefined ? undefined : Buffer.from(data, 'base64'));
  const agent = new Agent({ keepAlive: true, ca: pem(ca), cert: pem(cert), key: pem(key) });
  const ask: RealApi['ask'] = (method, target, body) =>
    send(new URL(target, server), {
      agent,
      method,
      ...(token === undefined ? {} : { token }),
      ...(body === undefined ? {} : { body }),
    });
  const must: RealApi['must'] = async (method, target, body) => {
    const reply = await ask(method, target, body);
    const already = method === 'POST' ? 409 : method === 'DELETE' ? 404 : null;
    if (reply.code < 300 || reply.code === already) return reply.body;
    throw new Error(`${method} ${target} was answered ${reply.code}: ${JSON.stringify(reply.body)}`);
  };
  const allowed = await ask('GET', PERMISSION);
  if (allowed.code !== 200) {
    agent.destroy();
    throw new Error(`${server} has no ConfigMap default/talos-chatops-test, so nothing is written there`);
  }
  return { kubeconfig, ask, must, close: () => agent.destroy() };
}

interface Sent {
  readonly agent: Agent;
  readonly method: string;
  readonly token?: string;
  readonly body?: object;
}

function send(url: URL, { agent, method, token, body }: Sent): Promise<ApiReply> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    'content-type': type,
    // Node sends a DELETE's body without a length otherwise.
    'content-length': Buffer.byteLength(text),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { agent, method, headers, signal: AbortSignal.timeout(LIMIT_MS) },
      (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          answer += chunk;
        });
        response.on('end', () => resolve({ code: response.statusCode ?? 0, body: jsonOf(answer) }));
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// A real three-member etcd of a test's own: mutual TLS for clients, a peer network that can be cut, processes that can be frozen.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import { expect, onTestFinished, vi } from 'vitest';
import { freePort } from '../../playground/cluster/free-port.ts';
import { folderForData } from '../../playground/memory-folder.ts';
import type { EtcdCredentials } from '../../src/engine/ports/machines.ts';
import { PeerNetwork } from './peer-relay.ts';
import { anEtcdAuthority, type EtcdAuthority } from './pki.ts';

/** Why the suites with a real etcd do not run here; null when they do. */
export const withoutEtcd: string | null = findEtcd();

function findEtcd(): string | null {
  try {
    execFileSync('etcd', ['--version'], { stdio: 'ignore', timeout: 10_000 });
    return null;
  } catch {
    return 'no etcd on PATH (Debian: etcd-server)';
  }
}

const NODES = ['cp-1', 'cp-2', 'cp-3'] as const;
/** Three members elect and answer within a second on an idle machine; a busy one may take its time. */
export const START_LIMIT_MS = 60_000;

interface Member {
  readonly node: string;
  /** A loopback address of its own, as each machine has its own. */
  readonly address: string;
  readonly clientPort: number;
  /** Where its peers' calls arrive, behind the relay. */
  readonly peer: string;
  readonly peerPort: number;
  readonly peerUrl: string;
  readonly dir: string;
}

/** A member that does not run any more though nobody killed it. */
class MemberEnded extends Error {
  override readonly name = 'MemberEnded';
}

export class EtcdCluster {
  readonly authority: EtcdAuthority;
  readonly credentials: EtcdCredentials;
  readonly #members: readonly Member[];
  readonly #network: PeerNetwork;
  readonly #root: string;
  readonly #running = new Map<string, ChildProcess>();
  readonly #ports = new Map<string, number>();

  constructor(parts: {
    authority: EtcdAuthority;
    credentials: EtcdCredentials;
    members: readonly Member[];
    network: PeerNetwork;
    root: string;
  }) {
    this.authority = parts.authority;
    this.credentials = parts.credentials;
    this.#members = parts.members;
    this.#network = parts.network;
    this.#root = parts.root;
    for (const { address, clientPort } of parts.members) this.#ports.set(address, clientPort);
    process.on('exit', this.#killAll);
  }

  /** What the adapter is asked about: every member by node and address. */
  get members(): readonly { node: string; address: string }[] {
    return this.#members.map(({ node, address }) => ({ node, address }));
  }

  /** Where the adapter dials for an address. */
  readonly endpoint = (address: string): { host: string; port: number } => ({
    host: address,
    port: this.#ports.get(address) ?? 1,
  });

  /** Sends the adapter to another port for this member, for example to a relay before it. */
  redirect(node: string, port: number): void {
    this.#ports.set(this.#member(node).address, port);
  }

  portOf(node: string): number {
    return this.#member(node).clientPort;
  }

  async start(): Promise<void> {
    const initial = this.#members.map(({ node, peerUrl }) => `${node}=${peerUrl}`).join(',');
    for (const member of this.#members) this.#spawn(member, initial);
    await this.untilServed(...NODES);
  }

  /** Resolves when a linearizable read through each of these members is served; rejects soon when one has ended by itself. */
  async untilServed(...nodes: readonly string[]): Promise<void> {
    const clients = nodes.map((node) => this.plain(node));
    const served = async (): Promise<string | null> => {
      const over = nodes.find((node) => this.#process(node).exitCode !== null);
      if (over !== undefined) return over;
      await Promise.all(clients.map((client) => client.get('ready').exec()));
      return null;
    };
    const over = await vi.waitFor(served, { timeout: START_LIMIT_MS, interval: 100 });
    if (over !== null) throw new MemberEnded(`${over} ended by itself: ${this.#lastWords(over)}`);
  }

  #lastWords(node: string): string {
    return readFileSync(join(this.#root, `${node}.log`), 'utf8')
      .trim()
      .split('\n')
      .slice(-3)
      .join(' | ');
  }

  /** A plain etcd3 client of one member, closed with the test: to look from outside at what the adapter did. */
  plain(node: string): Etcd3 {
    const { ca, crt, key } = this.credentials;
    const { address, clientPort } = this.#member(node);
    const client = new Etcd3({
      hosts: `https://${address}:${clientPort}`,
      credentials: {
        rootCertificate: Buffer.from(ca),
        certChain: Buffer.from(crt),
        privateKey: Buffer.from(key),
      },
      defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: Date.now() + 2_000 }),
    });
    this.#clients.push(client);
    return client;
  }

  readonly #clients: Etcd3[] = [];

  /** As Go prints it: hex without leading zeros. */
  async memberIdOf(node: string): Promise<string> {
    const { header } = await this.plain(node).get('who').exec();
    return BigInt(header.member_id).toString(16);
  }

  /** SIGKILL: nobody listens any more. */
  async kill(...nodes: readonly string[]): Promise<void> {
    await Promise.all(nodes.map((node) => ended(this.#process(node), 'SIGKILL')));
  }

  /** SIGSTOP: connections are accepted by the kernel, and nothing is ever said. Resolves when every thread stands still. */
  async freeze(...nodes: readonly string[]): Promise<void> {
    for (const node of nodes) this.#process(node).kill('SIGSTOP');
    const stopped = () => nodes.every((node) => standsStill(this.#process(node)));
    await vi.waitFor(() => expect(stopped()).toBe(true), { timeout: START_LIMIT_MS, interval: 10 });
  }

  thaw(...nodes: readonly string[]): void {
    for (const node of nodes) this.#process(node).kill('SIGCONT');
  }

  async partition(node: string): Promise<void> {
    this.#network.partition(node, await this.memberIdOf(node));
  }

  heal(): void {
    this.#network.heal();
  }

  async stop(): Promise<void> {
    process.off('exit', this.#killAll);
    for (const client of this.#clients) client.close();
    await Promise.all([...this.#running.values()].map((child) => ended(child, 'SIGKILL')));
    await this.#network.close();
    await rm(this.#root, { recursive: true, force: true });
  }

  readonly #killAll = (): void => {
    for (const child of this.#running.values()) child.kill('SIGKILL');
  };

  #spawn(member: Member, initialCluster: string): void {
    const { node, address, clientPort, peer, peerPort, peerUrl, dir } = member;
    const client = `https://${address}:${clientPort}`;
    const file = (name: string): string => join(this.#root, name);
    const settings: Readonly<Record<string, string>> = {
      name: node,
      'data-dir': dir,
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': `http://${peer}:${peerPort}`,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': initialCluster,
      'initial-cluster-token': this.#root,
      'client-cert-auth': 'true',
      'trusted-ca-file': file('ca.crt'),
      'cert-file': file('server.crt'),
      'key-file': file('server.key'),
      // A new leader gives every lease its whole time again: on a busy machine less would mean that none ever ends.
      'heartbeat-interval': '100',
      'election-timeout': '1000',
    };
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    // etcd also reads its flags from the environment, and refuses to start when both say something.
    const env = { PATH: process.env['PATH'] ?? '' };
    const log = openSync(file(`${node}.log`), 'w');
    this.#running.set(node, spawn('etcd', flags, { stdio: ['ignore', log, log], env }));
    closeSync(log);
  }

  #member(node: string): Member {
    const member = this.#members.find((one) => one.node === node);
    if (member === undefined) throw new Error(`the cluster has no ${node}`);
    return member;
  }

  #process(node: string): ChildProcess {
    const child = this.#running.get(node);
    if (child === undefined) throw new Error(`${node} does not run`);
    return child;
  }
}

/** The signal reaches a busy process thread by thread: until the last one stops it still answers. */
function standsStill({ pid }: ChildProcess): boolean {
  const tasks = `/proc/${pid}/task`;
  // Only Linux says so; elsewhere the signal has to be taken at its word.
  if (!existsSync(tasks)) return true;
  return readdirSync(tasks).every((task) => /\) T /.test(readFileSync(join(tasks, task, 'stat'), 'utf8')));
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

/** A port that was free a moment ago may be taken by the next: who loses that race begins again. */
const MOST_STARTS = 3;

/** Three running members that answer, ended with the test. */
export async function anEtcdCluster(): Promise<EtcdCluster> {
  for (let start = 1; ; start += 1) {
    const cluster = await furnished();
    try {
      await cluster.start();
      onTestFinished(() => cluster.stop());
      return cluster;
    } catch (error) {
      await cluster.stop();
      if (!(error instanceof MemberEnded) || start >= MOST_STARTS) throw error;
    }
  }
}

/** Everything a cluster needs to be started. */
async function furnished(): Promise<EtcdCluster> {
  const authority = await anEtcdAuthority();
  const root = await mkdtemp(join(folderForData(), 'talos-chatops-etcd-'));
  const shown = await authority.issue({ addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3'] });
  const files = { 'ca.crt': authority.ca, 'server.crt': shown.crt, 'server.key': shown.key };
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text, { mode: 0o600 });
  const network = new PeerNetwork();
  const members = await Promise.all(
    NODES.map(async (node, index): Promise<Member> => {
      const address = `127.0.0.${index + 1}`;
      // Connections go out from ports of 127.0.0.1, and one of them may be the port that a member was going to listen on.
      const peer = `127.0.0.${index + 11}`;
      const peerPort = await freePort(peer);
      const peerUrl = `http://127.0.0.1:${await network.relayTo(node, { host: peer, port: peerPort })}`;
      const clientPort = await freePort(address);
      return { node, address, clientPort, peer, peerPort, peerUrl, dir: join(root, node) };
    }),
  );
  const credentials = await authority.credentials();
  return new EtcdCluster({ authority, credentials, members, network, root });
}

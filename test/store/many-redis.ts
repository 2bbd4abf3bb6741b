// Real Redis servers that belong together: a Cluster, or a master with a replica and sentinels. On loopback, with ports that were free.
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { folderForData } from '../../playground/memory-folder.ts';
import { spawnGuarded } from '../../playground/redis.ts';
import { serverProgram } from '../../playground/redis-program.ts';

/** A busy machine starts six servers slowly; a fail-over here takes about two seconds. */
export const SOON_MS = 30_000;
const ASK_EVERY_MS = 20;
/** After this long without an answer, sentinels and servers that were told to hurry believe that one is gone. */
const GONE_AFTER_MS = 1_000;
/** Before that nobody is given up, however busy the machine is. */
const CALM_MS = 60_000;
/** A port that was free a moment ago may be taken by the next: who loses that race begins again. */
const MOST_STARTS = 3;

/** Waits for something to become true; throws with `what` when it does not. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + SOON_MS;
  let why: unknown;
  while (performance.now() < deadline) {
    try {
      if (await holds()) return;
    } catch (error) {
      why = error;
    }
    await pause(ASK_EVERY_MS);
  }
  throw new Error(`${what} did not come true within ${SOON_MS} ms`, { cause: why });
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** What a server is started with; of a Cluster it depends on the port at which the others meet it. */
type ServerSettings = readonly string[] | ((busPort: number) => readonly string[]);

/** One server process and a client that asks it directly. */
export class Server {
  readonly port: number;
  readonly busPort: number;
  readonly client: Redis;
  readonly #spawn: () => ChildProcess;
  readonly #folder: string;
  #child: ChildProcess;

  private constructor([port = 0, busPort = 0]: readonly number[], folder: string, spawn: () => ChildProcess) {
    this.port = port;
    this.busPort = busPort;
    this.#folder = folder;
    this.#spawn = spawn;
    this.#child = spawn();
    this.client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, maxRetriesPerRequest: null });
    this.client.on('error', () => {});
  }

  /** On a port that nobody else has. */
  static async start(settings: ServerSettings, config?: string): Promise<Server> {
    for (let start = 1; ; start += 1) {
      const server = await Server.#spawned(settings, config);
      // A stranger may answer at a port that was taken meanwhile: ours says its own process id.
      const ours = new RegExp(`^process_id:${server.#child.pid}\\b`, 'm');
      await until(
        `server ${server.port}`,
        async () => server.#ended || ours.test(await server.client.info('server')),
      );
      if (!server.#ended) return server;
      await server.stop();
      if (start >= MOST_STARTS) throw new Error(`${start} servers ended as soon as they were started`);
    }
  }

  static async #spawned(settings: ServerSettings, config?: string): Promise<Server> {
    const program = await serverProgram(process.env['PATH'] ?? '', () => {});
    const folder = mkdtempSync(join(folderForData(), 'talos-chatops-redis-'));
    const named = join(folder, program.as);
    symlinkSync(program.path, named);
    const [port = 0, busPort = 0] = await freePorts(2);
    const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no'];
    const before = config === undefined ? [] : [join(folder, 'server.conf')];
    if (config !== undefined) writeFileSync(join(folder, 'server.conf'), config);
    const log = ['--logfile', join(folder, 'log')];
    const more = typeof settings === 'function' ? settings(busPort) : settings;
    const spawn = () => spawnGuarded(folder, named, [...before, ...place, ...log, ...more]);
    return new Server([port, busPort], folder, spawn);
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    this.client.disconnect();
    if (this.#ended) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.ref();
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** After `kill`: the same server, with what it had written. */
  async again(): Promise<void> {
    this.#child = this.#spawn();
    await until(`server ${this.port}`, async () => {
      if (this.client.status === 'end') await this.client.connect();
      return (await this.client.ping()) === 'PONG';
    });
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export const KEPT = [
  '--appendonly',
  'yes',
  '--appendfsync',
  'always',
  '--save',
  '',
  '--maxmemory-policy',
  'noeviction',
  '--repl-diskless-sync-delay',
  '0',
];

export interface RedisCluster {
  readonly url: string;
  readonly masters: readonly Server[];
  readonly replicas: readonly Server[];
  /** From now on a server that is gone is noticed soon. */
  hurry(): Promise<void>;
  stop(): Promise<void>;
}

const SLOTS = 16_384;

/** Three masters that share the slots, each with as many replicas as asked for. */
export async function redisCluster(options: { readonly replicas: 0 | 1 }): Promise<RedisCluster> {
  const count = 3 * (1 + options.replicas);
  const servers = await Promise.all(
    Array.from({ length: count }, () =>
      Server.start((busPort) => [
        ...KEPT,
        ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
        ...['--cluster-node-timeout', String(CALM_MS), '--cluster-config-file', 'nodes.conf'],
        ...['--cluster-require-full-coverage', 'no'],
      ]),
    ),
  );
  const masters = servers.slice(0, 3);
  const replicas = servers.slice(3);
  await Promise.all(
    masters.map(async ({ client }, index) => {
      const [first, last] = [index, index + 1].map((one) => Math.floor((one * SLOTS) / 3));
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      await client.call('CLUSTER', 'ADDSLOTSRANGE', String(first), String((last ?? SLOTS) - 1));
    }),
  );
  for (const { port, busPort } of servers)
    await servers[0]?.client.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort));
  const state = (server: Server): Promise<string> => server.client.cluster('INFO');
  await until('a Cluster', async () => {
    const states = await Promise.all(servers.map(state));
    return states.every(
      (one) =>
        one.includes(`cluster_known_nodes:${count}`) &&
        one.includes('cluster_state:ok') &&
        // A server tells of its slots itself: one that dies before leaves others that do not know what is lost.
        one.includes(`cluster_slots_assigned:${SLOTS}`),
    );
  });
  for (const [index, replica] of replicas.entries())
    await replica.client.call(
      'CLUSTER',
      'REPLICATE',
      (await masters[index]?.client.cluster('MYID')) as string,
    );
  await until('replicas', async () => {
    const followed = await Promise.all(
      (replicas.length === 0 ? [] : masters).map(({ client }) => client.info('replication')),
    );
    return followed.every((one) => one.includes('state=online'));
  });
  const hosts = masters.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    url: `redis+cluster://${hosts}`,
    masters,
    replicas,
    hurry: async () =>
      void (await Promise.all(
        servers.map(({ client }) => client.config('SET', 'cluster-node-timeout', 2 * GONE_AFTER_MS)),
      )),
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  };
}

export interface WatchedRedis {
  readonly url: string;
  readonly master: Server;
  readonly replica: Server;
  /** From now on a master that is gone is noticed soon. */
  hurry(): Promise<void>;
  /** Waits until the replica was made master, and gives it a replica of its own. */
  rejoin(): Promise<void>;
  stop(): Promise<void>;
}

/** A master and its replica, and three sentinels that fail over within two seconds once they were told to hurry. */
export async function watchedRedis(): Promise<WatchedRedis> {
  const master = await Server.start(KEPT);
  const following = (one: Server): readonly string[] => [
    ...KEPT,
    ...['--replicaof', '127.0.0.1', String(one.port)],
  ];
  const replica = await Server.start(following(master));
  await until('a replica', async () =>
    (await replica.client.info('replication')).includes('master_link_status:up'),
  );
  const config = [
    `sentinel monitor talos 127.0.0.1 ${master.port} 2`,
    `sentinel down-after-milliseconds talos ${CALM_MS}`,
    'sentinel failover-timeout talos 3000',
  ].join('\n');
  const sentinels = await Promise.all(
    Array.from({ length: 3 }, () => Server.start(['--sentinel'], `${config}\n`)),
  );
  // A sentinel whose timer was late by 2 s, as on a busy machine, does nothing for 30 s (TILT). Before Redis 7 it could not be told not to.
  const patient = ['TILT-TRIGGER', String(CALM_MS)];
  await Promise.all(
    sentinels.map(({ client }) => client.call('SENTINEL', 'DEBUG', ...patient).catch(() => undefined)),
  );
  await until('sentinels', async () => {
    const seen = await Promise.all(sentinels.map(({ client }) => client.call('SENTINEL', 'MASTER', 'talos')));
    return seen.every((one) => {
      const fields = (Array.isArray(one) ? one : []).map(String);
      const field = (name: string): string | undefined => fields[fields.indexOf(name) + 1];
      return field('num-other-sentinels') === '2' && field('num-slaves') === '1';
    });
  });
  const late: Server[] = [];
  const rejoin = async (): Promise<void> => {
    const role = async (): Promise<string> => replica.client.info('replication');
    await until('a fail-over', async () => (await role()).includes('role:master'));
    late.push(await Server.start(following(replica)));
    await until('a new replica', async () => (await role()).includes('state=online'));
  };
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    url: `redis+sentinel://${hosts}/talos`,
    master,
    replica,
    hurry: async () => {
      const soon = ['talos', 'down-after-milliseconds', String(GONE_AFTER_MS)];
      await Promise.all(sentinels.map(({ client }) => client.call('SENTINEL', 'SET', ...soon)));
    },
    rejoin,
    stop: async () =>
      void (await Promise.all([master, replica, ...sentinels, ...late].map((server) => server.stop()))),
  };
}

// Puts a whole playground up, piece by piece, and takes it down again: Redis, simulated cluster, local Slack, the real bot.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { works } from '../src/config-role.ts';
import { redisAddress } from '../src/store/address.ts';
import { StoreConnection } from '../src/store/connection.ts';
import { RedisJournal } from '../src/store/journal.ts';
import { type BotProcess, type BotSettings, startBotProcess } from './bot-process.ts';
import { startCluster } from './cluster/cluster.ts';
import type { TalosRole } from './cluster/role.ts';
import { ALONE, Crew, type Member } from './crew.ts';
import { type Factory, startFactory } from './factory/server.ts';
import { type Github, startGithub } from './github/server.ts';
import { panelOf } from './panel.ts';
import { bringRedis, ownRedis, type PlaygroundRedis } from './redis.ts';
import { startSlack } from './slack/slack.ts';
import type { WorldSettings } from './world/settings.ts';

export const MANIFEST = fileURLToPath(new URL('../manifest.yml', import.meta.url));
export const CLUSTER = 'homelab';
/** What Node made of our sources and of the packages, for every bot of every stage: half of what a start costs. Rebuilt when it is gone. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/talos-chatops-playground', import.meta.url));

export type Slack = Awaited<ReturnType<typeof startSlack>>;
export type Cluster = Awaited<ReturnType<typeof startCluster>>;

export interface StageSettings {
  readonly world: Partial<WorldSettings>;
  /** Port of the page; 0 = any. */
  readonly port: number;
  /** Milliseconds between two looks of the bot. */
  readonly pollMs: number;
  /** Changes to the cluster's entry in the bot's configuration. */
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, string>>;
  /** More of that entry: what stands beside its policy. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Milliseconds for which the bot's talosconfig is good; by default for as long as any demo runs. */
  readonly certificateMs?: number;
  /** The pod the bot is told that it is. */
  readonly ownPod?: { readonly namespace: string; readonly name: string };
  /** Health checks of the cluster's configuration. */
  readonly healthChecks?: readonly Readonly<Record<string, unknown>>[];
  readonly onLine: (line: string) => void;
  /** Which processes there are; by default one that does everything. */
  readonly cast?: readonly Member[];
  /** own: a Redis that may be killed and frozen, whatever REDIS_URL says. */
  readonly redis?: 'own';
  /** Replaces how the bot is started; by default the real program as a process of its own. */
  readonly launch?: (settings: BotSettings) => Promise<BotProcess>;
}

const EVERYTHING: readonly TalosRole[] = ['os:admin'];

/** What a talosconfig is good for; by default for everything and for as long as any demo runs. */
export interface Credentials {
  readonly roles?: readonly TalosRole[];
  readonly lifetimeMs?: number;
}

export interface Stage {
  readonly slack: Slack;
  readonly cluster: Cluster;
  readonly factory: Factory;
  readonly github: Github;
  readonly redis: PlaygroundRedis;
  readonly journal: RedisJournal;
  /** Where the bot puts its copies of etcd. */
  readonly archive: string;
  readonly crew: Crew;
  /** Puts a talosconfig with a fresh certificate in the place of the bot's, as people do it: the bot is not told. */
  renewTalosconfig(given?: Credentials): Promise<void>;
  /** kill -9 of the only process, and a new one on the same Redis. */
  crash(): Promise<void>;
  /** Stops it and starts it with changes to the cluster's entry in its configuration; without any it is as it was at first. */
  reconfigure(entry?: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): Promise<void>;
}

export async function raiseStage(settings: StageSettings): Promise<Stage> {
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    // Last up, first down; one that fails must not keep the others standing.
    for (const down of undo.splice(0).reverse()) await Promise.resolve(down()).catch(() => undefined);
  };
  try {
    const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-demo-'));
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    const [redis, cluster] = await Promise.all([
      settings.redis === 'own' ? ownRedis() : bringRedis(),
      startCluster({ settings: { clusterName: CLUSTER, ...settings.world } }),
    ]);
    undo.push(
      () => redis.stop(),
      () => cluster.stop(),
    );
    const factory = await startFactory({ world: cluster.world });
    undo.push(() => factory.stop());
    const github = await startGithub();
    undo.push(() => github.stop());
    const slack = await startSlack({
      manifestPath: MANIFEST,
      port: settings.port,
      cluster: panelOf(cluster.world),
    });
    undo.push(() => slack.stop());
    const store = new StoreConnection({ address: redisAddress(redis.url) });
    undo.push(() => store.close());
    const { certificateMs: lifetimeMs } = settings;
    writeTalosconfig(folder, await cluster.talosconfigFor(['os:admin'], { lifetimeMs }));
    const parts = { slack, cluster, factory, github, redis, folder };
    let present = settings;
    const crew = new Crew(settings.cast ?? ALONE, (member) => startMember(member, present, parts));
    undo.push(() => crew.end());
    await crew.start();
    return {
      slack,
      cluster,
      factory,
      github,
      redis,
      journal: new RedisJournal(store, { prefix: redis.prefix }),
      archive: archiveOf(folder),
      crew,
      renewTalosconfig: async ({ roles = EVERYTHING, lifetimeMs } = {}) =>
        writeTalosconfig(folder, await cluster.talosconfigFor(roles, { lifetimeMs })),
      crash: async () => {
        await crew.kill(crew.first);
        await crew.start(crew.first);
      },
      reconfigure: async (entry = {}) => {
        present = { ...settings, entry: { ...settings.entry, ...entry } };
        await crew.end();
        await crew.start();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function archiveOf(folder: string): string {
  return join(folder, 'archive');
}

function talosconfigOf(folder: string): string {
  return join(folder, 'talosconfig');
}

/** In one step, so that nobody reads half of it. */
function writeTalosconfig(folder: string, text: string): void {
  const draft = `${talosconfigOf(folder)}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, talosconfigOf(folder));
}

interface Parts {
  readonly slack: Slack;
  readonly cluster: Cluster;
  readonly factory: Factory;
  readonly github: Github;
  readonly redis: PlaygroundRedis;
  readonly folder: string;
}

function startMember(member: Member, settings: StageSettings, parts: Parts): Promise<BotProcess> {
  const { apiUrl, botToken, appToken } = parts.slack;
  const launch = settings.launch ?? startBotProcess;
  const sayer = (settings.cast ?? ALONE).length > 1 ? `${member.name}: ` : '';
  return launch({
    ...member,
    folder: parts.folder,
    config: configText(member, settings, parts),
    slack: { apiUrl, botToken, appToken },
    redisUrl: parts.redis.url,
    environment: { NODE_COMPILE_CACHE: COMPILED },
    ...(settings.ownPod === undefined ? {} : { ownPod: settings.ownPod }),
    onLine: (line) => settings.onLine(`${sayer}${line}`),
    onDeath: (code) => settings.onLine(`${sayer}the bot ended by itself with code ${code ?? 'none'}`),
  });
}

function configText({ role }: Member, settings: StageSettings, parts: Parts): string {
  const { users, channels } = parts.slack;
  return stringify({
    onlyLoopback: true,
    poll: `${settings.pollMs}ms`,
    redis: { prefix: parts.redis.prefix },
    releases: { github: parts.github.url },
    clusters: {
      [CLUSTER]: {
        channel: channels.platform,
        operators: [users.requester, users.approver],
        approvers: [users.requester, users.approver, users.secondApprover],
        archive: { folder: archiveOf(parts.folder) },
        // Whoever only hears needs no way to a machine, so it gets none.
        talos: {
          config: works(role) ? talosconfigOf(parts.folder) : 'nowhere/talosconfig',
          port: parts.cluster.port,
        },
        // Registries are asked here; only loopback may be.
        factory: { host: parts.factory.host, mirrors: { 'ghcr.io': parts.factory.url } },
        healthChecks: settings.healthChecks ?? [],
        policy: settings.policy ?? {},
        limits: settings.limits ?? {},
        ...settings.entry,
      },
    },
  });
}

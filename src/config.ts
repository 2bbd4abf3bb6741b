// From one YAML file and the environment to validated Settings; every mistake is reported at once, with its place and its reason.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Named } from './cluster/estate/pods.ts';
import type { PathRules } from './cluster/path.ts';
import { type ArchiveSettings, archiveMistakes, archiveOf } from './config-archive.ts';
import type { FactorySettings } from './config-factory.ts';
import { ownPodOf } from './config-pod.ts';
import { type ReleasesSettings, releasesOf } from './config-releases.ts';
import { file } from './config-schema.ts';
import { findTalosconfig, type TalosconfigPlace, usualPlace } from './config-talosconfig.ts';
import type { HealthCheck } from './kubernetes/estate/health.ts';
import type { Policy } from './rollout/policy.ts';
import { redisAddress } from './store/address.ts';

export interface ClusterSettings {
  readonly name: string;
  /** Slack channel id in which this cluster's rollouts are told. */
  readonly channel: string;
  readonly talosconfig: TalosconfigPlace & { readonly context: string | null };
  /** Where machines listen when they are dialled directly. */
  readonly talosPort: number;
  /** Null: the bot asks Talos for a kubeconfig. */
  readonly kubeconfig: string | null;
  /** Replaces the server address inside the kubeconfig; null = as it is. */
  readonly kubernetesServer: string | null;
  /** How etcd is asked directly, as a second proof of quorum; null = not at all. */
  readonly etcd: EtcdSettings | null;
  /** Where copies of etcd are kept; null = none are taken. */
  readonly archive: ArchiveSettings | null;
  readonly policy: Policy;
  readonly factory: FactorySettings;
  /** How a way over several versions goes. */
  readonly path: PathRules;
  /** What must hold in Kubernetes before a rollout begins. */
  readonly healthChecks: readonly HealthCheck[];
}

/** Where etcd listens, and whence the certificate it asks for: from the machines themselves, or from three files. */
export type EtcdSettings = {
  readonly port: number;
  /** Whether Talos's own upgrade mutex is taken for control-plane nodes. */
  readonly upgradeMutex: 'on' | 'off';
} & (
  | { readonly kind: 'talos' }
  | {
      readonly kind: 'files';
      readonly ca: string;
      readonly crt: string;
      readonly key: string;
    }
);

export interface Settings {
  readonly clusters: readonly ClusterSettings[];
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiUrl: string };
  readonly redis: { readonly url: string; readonly prefix: string };
  readonly releases: ReleasesSettings;
  readonly pollMs: number;
  /** The pod this process runs in, as the environment says; null outside of Kubernetes. */
  readonly ownPod: Named | null;
  /** True in demos and tests: every Talos and Kubernetes address that is not loopback is refused. */
  readonly onlyLoopback: boolean;
}

export type Loaded =
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** One line per mistake: "file:line path: reason". */
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `TALOS_CHATOPS_CONFIG` and the secrets beside it. Never throws for what a person wrote. */
export function load(environment: Environment): Loaded {
  const path = environment['TALOS_CHATOPS_CONFIG'] ?? 'talos-chatops.yaml';
  try {
    return parseSettings(readFileSync(path, 'utf8'), path, environment);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const advice = 'set TALOS_CHATOPS_CONFIG to your file; talos-chatops.example.yaml is a commented start';
    return {
      kind: 'mistakes',
      mistakes: [`${path}: cannot be read (${why}); ${advice}`, ...secretsOf(environment).mistakes],
    };
  }
}

export function parseSettings(text: string, path: string, environment: Environment): Loaded {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const mistakes = document.errors.map(
    (error) => `${path}: ${error.message.split('\n')[0] ?? error.message}`,
  );
  const secrets = secretsOf(environment);
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes: [...mistakes, ...secrets.mistakes] };
  const raw: unknown = document.toJS();
  const usual = findTalosconfig(environment);
  const without =
    usual.kind === 'found'
      ? []
      : clustersWithoutTalosconfig(raw).map(
          (name) =>
            `${path} clusters.${name}.talos.config: expects the path of a talosconfig, or TALOSCONFIG in the environment (${usual.sentence})`,
        );
  const parsed = file.safeParse(raw);
  if (!parsed.success) {
    const places = parsed.error.issues.flatMap(placesOf).map(({ at, message }) => {
      const line = lineOf(document, lines, at);
      return `${path}${line === null ? '' : `:${line}`} ${at.join('.') || '(file)'}: ${message}`;
    });
    return { kind: 'mistakes', mistakes: [...places, ...without, ...secrets.mistakes] };
  }
  const archives = [
    parsed.data.archive,
    ...Object.values(parsed.data.clusters).map(({ archive }) => archive),
  ];
  const all = [
    ...without,
    ...secrets.mistakes,
    ...archiveMistakes(archives, environment, parsed.data.onlyLoopback),
  ];
  if (all.length > 0 || secrets.found === null) return { kind: 'mistakes', mistakes: all };
  return { kind: 'settings', settings: toSettings(parsed.data, path, environment, secrets.found) };
}

interface Place {
  readonly at: readonly string[];
  readonly message: string;
}

/** Where each mistake stands: an unknown key at itself, not at what holds it; a bad name with the sentence for names. */
function placesOf(issue: z.core.$ZodIssue): readonly Place[] {
  const at = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      at: [...at, key],
      message: `"${key}" is no setting here; talos-chatops.example.yaml lists them`,
    }));
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ at, message }));
  return [{ at, message: issue.message }];
}

/** Read from the file as written, so that it is told together with every other mistake. */
function clustersWithoutTalosconfig(raw: unknown): readonly string[] {
  const { clusters } = asObject(raw);
  return Object.entries(asObject(clusters))
    .filter(([, entry]) => isPlain(entry) && asObject(entry['talos'])['config'] === undefined)
    .map(([name]) => name);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isPlain(value) ? value : {};
}

type Parsed = z.infer<typeof file>;
type Secrets = Pick<Settings, 'slack'> & { readonly redisUrl: string };

function toSettings(parsed: Parsed, path: string, environment: Environment, secrets: Secrets): Settings {
  const here = (relative: string): string => resolve(dirname(path), relative);
  const clusters = Object.entries(parsed.clusters).map(([name, entry]): ClusterSettings => {
    const { config } = entry.talos;
    const place: TalosconfigPlace =
      config === undefined ? usualPlace(environment) : { path: here(config), from: 'talos.config' };
    const { kubeconfig, server } = entry.kubernetes;
    return {
      name,
      channel: entry.channel,
      talosconfig: { ...place, context: entry.talos.context ?? null },
      talosPort: entry.talos.port,
      kubeconfig: kubeconfig === undefined ? null : here(kubeconfig),
      kubernetesServer: server ?? null,
      etcd: etcdOf(entry.etcd, here),
      archive: archiveOf(entry.archive ?? parsed.archive, environment, here),
      factory: entry.factory,
      path: entry.path,
      healthChecks: entry.healthChecks,
      policy: policyOf(entry),
    };
  });
  return {
    clusters,
    slack: secrets.slack,
    redis: { url: secrets.redisUrl, prefix: parsed.redis.prefix },
    releases: releasesOf(parsed.releases, environment, here),
    pollMs: parsed.poll,
    ownPod: ownPodOf(environment),
    onlyLoopback: parsed.onlyLoopback,
  };
}

function etcdOf(
  entry: Parsed['clusters'][string]['etcd'],
  here: (relative: string) => string,
): EtcdSettings | null {
  if (entry === undefined) return null;
  const { port, upgradeMutex } = entry;
  if (entry.source === 'talos') return { kind: 'talos', port, upgradeMutex };
  const { ca, crt, key } = entry;
  return { kind: 'files', port, upgradeMutex, ca: here(ca), crt: here(crt), key: here(key) };
}

function policyOf(entry: Parsed['clusters'][string]): Policy {
  const { neighbours } = entry;
  const { velero } = entry.backup;
  const { proposalExpiry, gateExpiry, ...rules } = entry.policy;
  const { pull, snapshot, drain, install, reboot, prove, flight } = entry.limits;
  return {
    ...rules,
    operators: entry.operators,
    approvers: entry.approvers,
    proposalExpiryMs: proposalExpiry,
    gateExpiryMs: gateExpiry,
    limits: {
      pullMs: pull,
      snapshotMs: snapshot,
      drainMs: drain,
      installMs: install,
      rebootMs: reboot,
      returnMs: entry.limits.return,
      proveMs: prove,
      flightMs: flight,
    },
    ...(velero === undefined ? {} : { velero }),
    ...(neighbours === undefined ? {} : { neighbours }),
  };
}

/** Tokens go to whatever host this names, so only Slack itself and loopback are accepted. */
function slackApiUrl(text: string | undefined): string | null {
  const url = URL.parse(text ?? 'https://slack.com/api/');
  if (url === null) return null;
  const loopback =
    url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
  const slack = url.protocol === 'https:' && url.hostname === 'slack.com';
  if (!slack && !(loopback && url.protocol === 'http:')) return null;
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

function secretsOf(environment: Environment): {
  readonly found: Secrets | null;
  readonly mistakes: readonly string[];
} {
  const mistakes: string[] = [];
  const botToken = environment['SLACK_BOT_TOKEN'] ?? '';
  const appToken = environment['SLACK_APP_TOKEN'] ?? '';
  const apiUrl = slackApiUrl(environment['SLACK_API_URL']);
  const redisUrl = environment['REDIS_URL'] ?? '';
  if (!botToken.startsWith('xoxb-'))
    mistakes.push('SLACK_BOT_TOKEN: expects a bot token, xoxb-… (app settings → OAuth & Permissions)');
  if (!appToken.startsWith('xapp-'))
    mistakes.push(
      'SLACK_APP_TOKEN: expects an app-level token, xapp-…, with connections:write (app settings → Basic Information)',
    );
  if (apiUrl === null)
    mistakes.push(
      'SLACK_API_URL: expects https://slack.com/api/ or a loopback address; anything else would be sent the tokens',
    );
  const redisMistake = mistakeIn(redisUrl);
  if (redisMistake !== null) mistakes.push(`REDIS_URL: ${redisMistake}`);
  const found =
    mistakes.length > 0 || apiUrl === null ? null : { slack: { botToken, appToken, apiUrl }, redisUrl };
  return { found, mistakes };
}

/** What is wrong with a Redis URL, without repeating it: it may hold a password. */
function mistakeIn(redisUrl: string): string | null {
  if (redisUrl === '') return 'expects redis://… or rediss://…';
  try {
    redisAddress(redisUrl);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'expects redis://… or rediss://…';
  }
}

/** The line of the deepest part of the path that is written in the file; null when nothing of it is. */
function lineOf(
  document: ReturnType<typeof parseDocument>,
  lines: LineCounter,
  path: readonly string[],
): number | null {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (!isMap(parent)) continue;
    const pair = parent.items.find((item) => String(item.key) === path[depth - 1]);
    const range = pair === undefined ? null : (pair.key as { range?: readonly number[] | null }).range;
    if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
  }
  return null;
}

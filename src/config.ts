// From one YAML file and the environment to validated Settings; every mistake is reported at once, with its place and its reason.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Named } from './cluster/estate/pods.ts';
import type { PathRules } from './cluster/path.ts';
import { type ArchiveSettings, archiveMistakes, archiveOf } from './config-archive.ts';
import type { FactorySettings } from './config-factory.ts';
import { leaseOf } from './config-lease.ts';
import { lineOf, placesOf, sentenceOf } from './config-mistake.ts';
import { ownPodOf, probePortOf } from './config-pod.ts';
import { type ReleasesSettings, releasesOf } from './config-releases.ts';
import { askedRole, isRole, type Role, works } from './config-role.ts';
import { file } from './config-schema.ts';
import { type Secrets, type SlackSettings, secretsOf } from './config-secrets.ts';
import { findTalosconfig, type TalosconfigPlace, usualPlace } from './config-talosconfig.ts';
import type { HealthCheck } from './kubernetes/estate/health.ts';
import type { Policy } from './rollout/policy.ts';
import type { StoreSettings } from './store/open.ts';
import { sealsOf } from './store/seal.ts';

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
  /** The Lease that keeps bots on other stores out; null = none is taken. */
  readonly lease: Named | null;
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
  readonly role: Role;
  /** Null in a worker. */
  readonly slack: SlackSettings | null;
  readonly redis: StoreSettings;
  readonly releases: ReleasesSettings;
  readonly pollMs: number;
  /** The pod this process runs in, as the environment says; null outside of Kubernetes. */
  readonly ownPod: Named | null;
  /** Where an orchestrator's probes are answered; null = nowhere. */
  readonly probePort: number | null;
  /** True in demos and tests: every Talos and Kubernetes address that is not loopback is refused. */
  readonly onlyLoopback: boolean;
}

export type Loaded =
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** One line per mistake: "file:line path: reason". */
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `TALOS_CHATOPS_CONFIG` and what stands beside it: secrets, and the arguments. Never throws for what a person wrote. */
export function load(environment: Environment, args: readonly string[] = []): Loaded {
  const path = environment['TALOS_CHATOPS_CONFIG'] ?? 'talos-chatops.yaml';
  try {
    return parseSettings(readFileSync(path, 'utf8'), path, environment, args);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const advice = 'set TALOS_CHATOPS_CONFIG to your file; talos-chatops.example.yaml is a commented start';
    return {
      kind: 'mistakes',
      mistakes: [
        `${path}: cannot be read (${why}); ${advice}`,
        ...besideOf(environment, args, null).mistakes,
      ],
    };
  }
}

/** `args` is the command line without the program. */
export function parseSettings(
  text: string,
  path: string,
  environment: Environment,
  args: readonly string[] = [],
): Loaded {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const mistakes = document.errors.map(
    (error) => `${path}: ${error.message.split('\n')[0] ?? error.message}`,
  );
  const raw: unknown = mistakes.length > 0 ? null : document.toJS();
  const beside = besideOf(environment, args, raw);
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes: [...mistakes, ...beside.mistakes] };
  const usual = findTalosconfig(environment);
  const touches = beside.role !== null && works(beside.role);
  const without =
    usual.kind === 'found' || !touches
      ? []
      : clustersWithoutTalosconfig(raw).map(
          (name) =>
            `${path} clusters.${name}.talos.config: expects the path of a talosconfig, or TALOSCONFIG in the environment (${usual.sentence})`,
        );
  const parsed = file.safeParse(raw, { error: sentenceOf });
  if (!parsed.success) {
    const places = parsed.error.issues
      .flatMap((issue) => placesOf(issue, document))
      .map(({ at, message }) => {
        const line = lineOf(document, lines, at);
        return `${path}${line === null ? '' : `:${line}`} ${at.join('.') || '(file)'}: ${message}`;
      });
    return { kind: 'mistakes', mistakes: [...places, ...without, ...beside.mistakes] };
  }
  const archives = [
    parsed.data.archive,
    ...Object.values(parsed.data.clusters).map(({ archive }) => archive),
  ];
  const all = [
    ...without,
    ...beside.mistakes,
    ...(touches ? archiveMistakes(archives, environment, parsed.data.onlyLoopback) : []),
  ];
  if (all.length > 0 || beside.found === null) return { kind: 'mistakes', mistakes: all };
  return { kind: 'settings', settings: toSettings(parsed.data, path, environment, beside.found) };
}

type Found = Secrets & Pick<Settings, 'role' | 'probePort'>;

/** What does not stand in the file. A role that only the file tells is looked for in it as written. */
function besideOf(
  environment: Environment,
  args: readonly string[],
  raw: unknown,
): { readonly role: Role | null; readonly found: Found | null; readonly mistakes: readonly string[] } {
  const asked = askedRole(args, environment);
  const { role: written = 'all' } = asObject(raw);
  const role = asked.mistakes.length > 0 ? null : (asked.role ?? (isRole(written) ? written : null));
  const secrets = secretsOf(environment, role);
  const probes = probePortOf(environment);
  const mistakes = [...asked.mistakes, ...secrets.mistakes, ...probes.mistakes];
  const complete = mistakes.length === 0 && role !== null && secrets.found !== null;
  return { role, found: complete ? { ...secrets.found, role, probePort: probes.port } : null, mistakes };
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

function toSettings(parsed: Parsed, path: string, environment: Environment, beside: Found): Settings {
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
      lease: leaseOf(entry.kubernetes.lease),
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
    role: beside.role,
    slack: beside.slack,
    probePort: beside.probePort,
    redis: {
      url: beside.redisUrl,
      prefix: parsed.redis.prefix,
      replicas: parsed.redis.replicas ?? null,
      seals: sealsOf({ ...beside.journal, unsigned: parsed.redis.unsigned }),
    },
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

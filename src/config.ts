// From one YAML file and the environment to validated Settings; every mistake is reported at once, with its place and its reason.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Policy } from './rollout/policy.ts';

export interface ClusterSettings {
  readonly name: string;
  /** Slack channel id in which this cluster's rollouts are told. */
  readonly channel: string;
  readonly talosconfig: { readonly path: string; readonly context: string | null };
  /** Where machines listen when they are dialled directly. */
  readonly talosPort: number;
  /** Null: the bot asks Talos for a kubeconfig. */
  readonly kubeconfig: string | null;
  /** Replaces the server address inside the kubeconfig; null = as it is. */
  readonly kubernetesServer: string | null;
  readonly policy: Policy;
  readonly factory: string;
}

export interface Settings {
  readonly clusters: readonly ClusterSettings[];
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiUrl: string };
  readonly redis: { readonly url: string; readonly prefix: string };
  readonly pollMs: number;
  /** True in demos and tests: every Talos and Kubernetes address that is not loopback is refused. */
  readonly onlyLoopback: boolean;
}

export type Loaded =
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** One line per mistake: "file:line path: reason". */
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const duration = z.string().transform((text, context): number => {
  const found = /^(\d+)(ms|s|m|h|d)$/.exec(text.trim());
  const unit = UNITS[found?.[2] ?? ''];
  if (found === null || unit === undefined) {
    context.addIssue({ code: 'custom', message: 'expects a duration such as 90s, 15m or 4h' });
    return z.NEVER;
  }
  return Number(found[1]) * unit;
});

const user = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,}$/, 'expects a Slack user id such as U012AB3CD (profile → ⋮ → Copy member ID)');
const people = z.array(user).default([]);

// Defaults from kubernetes.md 6.3 and talos-api.md 3: generous, because a limit that is too short holds a healthy rollout.
const limits = z
  .strictObject({
    pull: duration.default(1_200_000),
    drain: duration.default(900_000),
    install: duration.default(1_200_000),
    reboot: duration.default(900_000),
    return: duration.default(900_000),
    prove: duration.default(300_000),
    flight: duration.default(120_000),
  })
  .prefault({});

const policy = z
  .strictObject({
    approvals: z.number().int().min(1).max(10).default(1),
    selfApproval: z.enum(['refused', 'allowed']).default('refused'),
    start: z.enum(['ask', 'at-once']).default('ask'),
    parallelWorkers: z.number().int().min(1).max(20).default(1),
    proposalExpiry: duration.default(14_400_000),
    gateExpiry: duration.default(28_800_000),
  })
  .prefault({});

const cluster = z
  .strictObject({
    channel: z
      .string()
      .regex(
        /^[CG][A-Z0-9]{2,}$/,
        'expects a Slack channel id such as C012AB3CD (channel name → About → Channel ID)',
      ),
    operators: people,
    approvers: people,
    talos: z
      .strictObject({
        config: z.string().optional(),
        context: z.string().optional(),
        port: z.number().int().min(1).max(65_535).default(50_000),
      })
      .prefault({}),
    kubernetes: z
      .strictObject({ kubeconfig: z.string().optional(), server: z.url().optional() })
      .prefault({}),
    factory: z
      .string()
      .regex(/^[a-z0-9.-]+(:\d+)?$/, 'expects a registry host without https://')
      .default('factory.talos.dev'),
    policy,
    limits,
  })
  .check((context) => {
    const { approvers, operators, policy: rules } = context.value;
    const able =
      rules.selfApproval === 'allowed' ? approvers : approvers.filter((id) => !onlyOperator(id, operators));
    if (able.length > 0 && able.length < rules.approvals) {
      const message = `asks for ${rules.approvals} approvals, but at most ${able.length} of the approvers can give one`;
      context.issues.push({ code: 'custom', message, path: ['policy', 'approvals'], input: rules.approvals });
    }
  });

/** The only operator is always the requester, and so never a second person. */
function onlyOperator(id: string, operators: readonly string[]): boolean {
  return operators.length === 1 && operators[0] === id;
}

const file = z.strictObject({
  clusters: z
    .record(
      z
        .string()
        .regex(
          /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/,
          'expects a name of lower-case letters, digits and dashes',
        ),
      cluster,
    )
    .refine((all) => Object.keys(all).length > 0, 'expects at least one cluster'),
  redis: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[a-zA-Z0-9:_-]{1,60}$/)
        .default('talos-chatops'),
    })
    .prefault({}),
  poll: duration.default(1_000),
  onlyLoopback: z.boolean().default(false),
});

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
  const parsed = file.safeParse(document.toJS());
  if (!parsed.success) {
    const places = parsed.error.issues.map((issue) => {
      const at = issue.path.map(String);
      const line = lineOf(document, lines, at);
      return `${path}${line === null ? '' : `:${line}`} ${at.join('.') || '(file)'}: ${issue.message}`;
    });
    return { kind: 'mistakes', mistakes: [...places, ...secrets.mistakes] };
  }
  const without = Object.entries(parsed.data.clusters)
    .filter(([, entry]) => entry.talos.config === undefined && environment['TALOSCONFIG'] === undefined)
    .map(
      ([name]) =>
        `${path} clusters.${name}.talos.config: expects the path of a talosconfig, or TALOSCONFIG in the environment`,
    );
  const all = [...without, ...secrets.mistakes];
  if (all.length > 0 || secrets.found === null) return { kind: 'mistakes', mistakes: all };
  return { kind: 'settings', settings: toSettings(parsed.data, path, environment, secrets.found) };
}

type Parsed = z.infer<typeof file>;
type Secrets = Pick<Settings, 'slack'> & { readonly redisUrl: string };

function toSettings(parsed: Parsed, path: string, environment: Environment, secrets: Secrets): Settings {
  const here = (relative: string): string => resolve(dirname(path), relative);
  const clusters = Object.entries(parsed.clusters).map(([name, entry]): ClusterSettings => {
    const talosconfig =
      entry.talos.config === undefined ? (environment['TALOSCONFIG'] ?? '') : here(entry.talos.config);
    const { kubeconfig, server } = entry.kubernetes;
    return {
      name,
      channel: entry.channel,
      talosconfig: { path: talosconfig, context: entry.talos.context ?? null },
      talosPort: entry.talos.port,
      kubeconfig: kubeconfig === undefined ? null : here(kubeconfig),
      kubernetesServer: server ?? null,
      factory: entry.factory,
      policy: policyOf(entry),
    };
  });
  return {
    clusters,
    slack: secrets.slack,
    redis: { url: secrets.redisUrl, prefix: parsed.redis.prefix },
    pollMs: parsed.poll,
    onlyLoopback: parsed.onlyLoopback,
  };
}

function policyOf(entry: Parsed['clusters'][string]): Policy {
  const { proposalExpiry, gateExpiry, ...rules } = entry.policy;
  const { pull, drain, install, reboot, prove, flight } = entry.limits;
  return {
    ...rules,
    operators: entry.operators,
    approvers: entry.approvers,
    proposalExpiryMs: proposalExpiry,
    gateExpiryMs: gateExpiry,
    limits: {
      pullMs: pull,
      drainMs: drain,
      installMs: install,
      rebootMs: reboot,
      returnMs: entry.limits.return,
      proveMs: prove,
      flightMs: flight,
    },
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
  if (!/^(rediss?|redis\+unix|unix):\/\//.test(redisUrl))
    mistakes.push('REDIS_URL: expects redis://… or rediss://…');
  const found =
    mistakes.length > 0 || apiUrl === null ? null : { slack: { botToken, appToken, apiUrl }, redisUrl };
  return { found, mistakes };
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

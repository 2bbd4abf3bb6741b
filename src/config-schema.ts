// What the configuration file may say, with its defaults and the sentence for each mistake.
import { z } from 'zod';
import { recipientMistake } from './archive/encryption.ts';
import { REBOOT_MODES } from './cluster/reboot-mode.ts';
import { backup } from './config-backup.ts';
import { checks } from './config-checks.ts';
import { duration } from './config-duration.ts';
import { factory } from './config-factory.ts';
import { healthChecks } from './config-health.ts';
import { lease } from './config-lease.ts';
import { neighbours } from './config-neighbours.ts';
import { canary, soak } from './config-order.ts';
import { path as pathRules, releases } from './config-releases.ts';
import { ROLES } from './config-role.ts';
import { ORDERS } from './rollout/policy.ts';

/** A configured path; an empty one would silently mean the folder of this file. */
const path = z.string('expects a path').min(1, 'expects a path');

const USER = 'expects a Slack user id such as U012AB3CD; profile → ⋮ → Copy member ID';
const user = z.string(USER).regex(/^[UW][A-Z0-9]{2,}$/, USER);
const people = z.array(user).default([]);

// Defaults from kubernetes.md 6.3 and talos-api.md 3: generous, because a limit that is too short holds a healthy rollout.
const limits = z
  .strictObject({
    pull: duration.default(1_200_000),
    snapshot: duration.default(1_800_000),
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
    order: z.enum(ORDERS).default('workers-first'),
    canary,
    soak,
    rebootMode: z.enum(REBOOT_MODES).default('default'),
    checks,
    proposalExpiry: duration.default(14_400_000),
    gateExpiry: duration.default(28_800_000),
  })
  .prefault({});

const port = z.number().int().min(1).max(65_535);

// Off unless written: it needs a way from the bot to etcd's own port, which many networks close for good reasons.
const upgradeMutex = z.enum(['on', 'off']).default('on');
const SOURCE = 'expects talos, or files with ca, crt and key';
const etcd = z.discriminatedUnion(
  'source',
  [
    z.strictObject({ source: z.literal('talos'), port: port.default(2_379), upgradeMutex }),
    z.strictObject({
      source: z.literal('files'),
      ca: path,
      crt: path,
      key: path,
      port: port.default(2_379),
      upgradeMutex,
    }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? SOURCE : undefined) },
);

/** True for a URL on this machine. */
export function isLoopbackUrl(text: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(URL.parse(text)?.hostname ?? '');
}

/** Where copies of etcd are kept. Exactly one place, because two would each be half trusted. */
export const archive = z
  .strictObject({
    folder: z.string().min(1).optional(),
    s3: z
      .strictObject({
        bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "expects a bucket's name"),
        prefix: z
          .string()
          .regex(/^([A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*\/?)?$/, 'expects a prefix such as talos/etcd/')
          .default(''),
        region: z.string().min(1).default('us-east-1'),
        endpoint: z.url({ protocol: /^https?$/ }).optional(),
      })
      .optional(),
    recipient: z
      .string()
      .superRefine((text, context) => {
        const message = recipientMistake(text);
        if (message !== null) context.addIssue({ code: 'custom', message });
      })
      .optional(),
    keep: z.number().int().min(1).max(1_000).default(10),
    maxAge: duration.default(2_592_000_000),
  })
  .check(({ value, issues }) => {
    const { folder, s3, recipient } = value;
    if ((folder === undefined) === (s3 === undefined))
      issues.push({ code: 'custom', message: 'expects either folder or s3', path: [], input: value });
    const endpoint = s3?.endpoint ?? '';
    if (/^http:/i.test(endpoint) && !isLoopbackUrl(endpoint) && recipient === undefined) {
      const message = 'expects https, or a recipient to encrypt to: a snapshot holds every Secret';
      issues.push({ code: 'custom', message, path: ['s3', 'endpoint'], input: s3?.endpoint });
    }
  });

const CHANNEL = 'expects a Slack channel id such as C012AB3CD; channel name → About → Channel ID';

const cluster = z
  .strictObject({
    channel: z.string(CHANNEL).regex(/^[CG][A-Z0-9]{2,}$/, CHANNEL),
    operators: people,
    approvers: people,
    talos: z
      .strictObject({
        config: path.optional(),
        context: z.string().optional(),
        port: port.default(50_000),
      })
      .prefault({}),
    kubernetes: z
      .strictObject({ kubeconfig: path.optional(), server: z.url().optional(), lease })
      .prefault({}),
    etcd: etcd.optional(),
    archive: archive.optional(),
    factory,
    path: pathRules,
    healthChecks,
    backup,
    neighbours,
    policy,
    limits,
  })
  .check((context) => {
    const { approvers, operators, policy: rules } = context.value;
    const able =
      rules.selfApproval === 'allowed' ? approvers : approvers.filter((id) => !onlyOperator(id, operators));
    if (approvers.length > 0 && able.length < rules.approvals) {
      const few = able.length === 0 ? 'none' : `at most ${able.length}`;
      const message = `asks for ${rules.approvals} by different people, but ${few} of the approvers can give one`;
      context.issues.push({ code: 'custom', message, path: ['policy', 'approvals'], input: rules.approvals });
    }
  });

/** The only operator is always the requester, and so never a second person. */
function onlyOperator(id: string, operators: readonly string[]): boolean {
  return operators.length === 1 && operators[0] === id;
}

/** The whole file. */
export const file = z.strictObject({
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
  archive: archive.optional(),
  releases,
  redis: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[a-zA-Z0-9:_-]{1,60}$/, 'expects 1 to 60 letters, digits, dashes, underscores or colons')
        .default('talos-chatops'),
      replicas: z.number().int().min(0).max(5).optional(),
      unsigned: z.enum(['refused', 'accepted']).default('refused'),
    })
    .prefault({}),
  poll: duration.default(500),
  role: z.enum(ROLES, 'expects bot, worker or all').default('all'),
  onlyLoopback: z.boolean().default(false),
});

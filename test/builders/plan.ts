// Plans, policies, findings and proofs for tests: aPlan({ workers: ['w-1'] }), aPolicy({ approvals: 2 }).
import type { Finding, Level } from '../../src/checks/finding.ts';
import type { Role } from '../../src/cluster/node.ts';
import type { Proof } from '../../src/rollout/gate.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { gated, laneOf, type StepDraft } from '../../src/rollout/plan/lanes.ts';
import type { Lane, Plan, PlannedNode, Stage } from '../../src/rollout/plan.ts';
import type { Limits, Policy } from '../../src/rollout/policy.ts';
import type { StepKind } from '../../src/rollout/step.ts';

export const REQUESTER = 'U0R1YA0001';
export const APPROVER = 'U0SAM00002';
export const SECOND_APPROVER = 'U0MEI00003';
export const BYSTANDER = 'U0T0M00004';

export function limits(changed: Partial<Limits> = {}): Limits {
  return {
    pullMs: 600_000,
    snapshotMs: 600_000,
    drainMs: 600_000,
    installMs: 600_000,
    rebootMs: 600_000,
    returnMs: 600_000,
    proveMs: 120_000,
    flightMs: 120_000,
    ...changed,
  };
}

export function aPolicy(changed: Partial<Policy> = {}): Policy {
  return {
    operators: [REQUESTER, APPROVER],
    approvers: [REQUESTER, APPROVER, SECOND_APPROVER],
    approvals: 1,
    selfApproval: 'refused',
    start: 'ask',
    parallelWorkers: 1,
    rebootMode: 'default',
    checks: {},
    proposalExpiryMs: 3_600_000,
    gateExpiryMs: 3_600_000,
    limits: limits(),
    ...changed,
  };
}

export function aFinding(level: Level, changed: Partial<Finding> = {}): Finding {
  return {
    check: 'nodes-ready',
    level,
    subject: 'worker-1',
    sentence: 'worker-1 is Ready.',
    advice: level === 'ok' ? null : 'Look at it.',
    ...changed,
  };
}

export function aProof(changed: Partial<Proof> = {}): Proof {
  return {
    kind: 'healthy',
    sentence: '3 of 3 members vote; without cp-2 2 remain, quorum is 2.',
    voters: 3,
    quorum: 2,
    votersLeft: 2,
    leader: 'cp-1',
    maxLag: 0,
    ...changed,
  };
}

export interface PlanOptions {
  readonly goal?: Goal;
  readonly workers?: readonly string[];
  readonly controlPlane?: readonly string[];
  readonly from?: string;
  readonly policy?: Policy;
  /** Whether etcd is copied before the control plane. */
  readonly archived?: boolean;
  /** Installed first, and restarted later after an approval each. */
  readonly staged?: boolean;
  /** True: the only control-plane node, whose etcd is copied in its own lane. */
  readonly alone?: boolean;
}

const NODE_STEPS: readonly StepKind[] = [
  'pull',
  'cordon',
  'drain',
  'install',
  'reboot',
  'return',
  'uncordon',
];
const RESTART_STEPS: readonly StepKind[] = ['cordon', 'drain', 'reboot', 'return', 'uncordon'];
const ROLLBACK_STEPS: readonly StepKind[] = ['cordon', 'drain', 'rollback', 'return', 'uncordon'];

/** Lanes and stages as the planner makes them, for any number of nodes. */
export function aPlan(options: PlanOptions = {}): Plan {
  const { staged = false } = options;
  const goal: Goal = options.goal ?? {
    ...{ kind: 'upgrade-talos', version: 'v1.13.5' },
    ...(staged ? { staged: true } : {}),
  };
  const policy = options.policy ?? aPolicy();
  const workers = options.workers ?? ['worker-1', 'worker-2', 'worker-3'];
  const controlPlane = options.controlPlane ?? ['cp-1', 'cp-2', 'cp-3'];
  const nodes = [
    ...controlPlane.map((name) => planned(name, 'control-plane', goal, options.from)),
    ...workers.map((name) => planned(name, 'worker', goal, options.from)),
  ];
  const assumed = { goal, nodes, etcdMembers: ['a1', 'b2', 'c3'] };
  let number = 0;
  const lane = (name: string, role: Role, kinds: readonly StepKind[]): Lane => {
    number += 1;
    const leaving = kinds.includes('reboot') && role === 'control-plane';
    const copied = options.alone === true && leaving ? (['snapshot', ...kinds] as const) : kinds;
    const steps = copied.map((kind): StepDraft => ({ kind, params: {} }));
    const plain = laneOf(number, { node: name, role, steps }, policy.limits);
    const leaves = plain.steps.some((step) => step.presence === 'departs');
    return (role === 'control-plane' || staged) && leaves
      ? gated(plain, options.alone === true ? 'outage' : 'healthy', assumed)
      : plain;
  };
  const stages: readonly Stage[] =
    goal.kind === 'rollback-node'
      ? [
          {
            id: 'rollback',
            title: `Roll back ${goal.node}`,
            width: 1,
            lanes: [lane(goal.node, roleOf(goal.node), ROLLBACK_STEPS)],
          },
        ]
      : [
          {
            id: 'images',
            title: 'Pull installer images',
            width: 5,
            lanes: nodes.map(({ name, role }) => lane(name, role, ['pull'])),
          },
          {
            id: 'install',
            title: 'Install, without a restart',
            width: 1,
            lanes: staged
              ? [...workers, ...controlPlane].map((name) => lane(name, roleOf(name), ['install']))
              : [],
          },
          {
            id: 'workers',
            title: 'Workers',
            width: staged ? 1 : policy.parallelWorkers,
            lanes: workers.map((name) => lane(name, 'worker', staged ? RESTART_STEPS : NODE_STEPS)),
          },
          {
            id: 'snapshot',
            title: 'etcd snapshot',
            width: 1,
            lanes:
              options.archived === true
                ? controlPlane.slice(0, 1).map((name) => lane(name, 'control-plane', ['snapshot']))
                : [],
          },
          {
            id: 'control-plane',
            title: 'Control plane',
            width: 1,
            lanes: controlPlane.map((name) =>
              lane(name, 'control-plane', staged ? RESTART_STEPS : NODE_STEPS),
            ),
          },
        ];
  const success = goal.kind === 'rollback-node' ? 'rolled-back' : 'upgraded';
  return {
    goal,
    success,
    nodes,
    etcdMembers: assumed.etcdMembers,
    stages: stages.filter((stage) => stage.lanes.length > 0),
  };
}

function roleOf(name: string): Role {
  return name.startsWith('cp') ? 'control-plane' : 'worker';
}

function planned(name: string, role: Role, goal: Goal, from = 'v1.13.4'): PlannedNode {
  const touched = goal.kind === 'upgrade-talos' || goal.node === name;
  return {
    name,
    address: '10.0.0.1',
    role,
    from,
    to: goal.kind === 'upgrade-talos' ? goal.version : null,
    schematic: 'ce4c980550dd2ab1b17bbf2b08801c7e',
    image: 'factory.example/metal-installer/ce4c980550dd2ab1b17bbf2b08801c7e:v1.13.5',
    touched,
  };
}

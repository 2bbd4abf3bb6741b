// Waits until a node is back in every sense of "done" (design.md invariant 5). It acts on nothing.
import { MAX_LAG_ENTRIES } from '../../cluster/etcd.ts';
import { extensionsWithout, sameExtension } from '../../cluster/schematic.ts';
import type { MachineView, NodeSnapshot } from '../../cluster/snapshot.ts';
import { sameVersion } from '../../cluster/version.ts';
import { ailmentsOf } from '../../rollout/ailments.ts';
import { laneOfStep } from '../../rollout/plan.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import type { Step } from '../../rollout/step.ts';
import { answer } from '../patience.ts';
import { optionalTextParam, type Settled, type StepContext, type StepFactory } from './doer.ts';
import { seen } from './seen.ts';

export const comeBack: StepFactory = (context) => ({
  observe: async () => null,
  capture: async () => ({}),
  act: async () => ({ kind: 'sent' }),
  settle: async () => {
    const { node, step, note } = context;
    const machine = await seen(context);
    if (machine === 'stranger') {
      const why = `${node.name} came back without the cluster's certificate: it is in maintenance mode, or something else answers at ${node.address}. Give it its configuration back (talosctl apply-config --insecure), then retry.`;
      return { kind: 'failed', why };
    }
    const verdict = versionVerdict(context.rollout, step, machine);
    if (verdict !== null) return withReport(context.rollout, step, verdict);
    const whys = [...ailmentsOf(await around(context, machine)), ...(await etcdAilments(context))];
    if (whys.length === 0) {
      return {
        kind: 'ended',
        result: { version: machine.version, bootId: machine.bootId, schematic: machine.schematic },
      };
    }
    note(`back with ${machine.version}, ${whys[0] ?? ''}`);
    return { kind: 'waiting', why: `${node.name}, which ${whys.join(' and ')}` };
  },
});

/** Judges what came up, once it has come up; null when it is what was expected. */
function versionVerdict(rollout: Rollout, step: Step, machine: MachineView): Settled | null {
  const before = previousBootId(rollout, step);
  if (before !== null && machine.bootId === before) {
    return { kind: 'failed', why: `${step.node} has the boot id it had before: it did not restart.` };
  }
  const expected = optionalTextParam(step, 'version');
  const from = optionalTextParam(step, 'from');
  if (expected !== null && !sameVersion(machine.version, expected)) {
    if (from !== null && sameVersion(machine.version, from)) {
      return {
        kind: 'failed',
        why: `${step.node} restarted but came back with ${machine.version}: ${fallBack(rollout, step)}.`,
      };
    }
    return { kind: 'failed', why: `${step.node} came back with ${machine.version}, not with ${expected}.` };
  }
  if (expected === null && from !== null && sameVersion(machine.version, from)) {
    return { kind: 'failed', why: `${step.node} restarted but still runs ${machine.version}.` };
  }
  return schematicVerdict(rollout, step, machine);
}

/** Where one call installs and restarts, a machine that runs the old system says as little as one that never installed the new one. */
function fallBack(rollout: Rollout, step: Step): string {
  const unbooted = 'did not boot and Talos fell back';
  return departing(rollout, step)?.kind === 'upgrade-legacy'
    ? `the new system was not installed, or ${unbooted}`
    : `the new system ${unbooted}`;
}

function schematicVerdict(rollout: Rollout, step: Step, machine: MachineView): Settled | null {
  const schematic = optionalTextParam(step, 'schematic');
  const settled = machine.stage === 'running' && machine.ready;
  const before = optionalTextParam(step, 'fromSchematic');
  // The list of extensions is empty early in a boot, so only a machine that is up may be said to have none.
  const unchanged = machine.schematic === before && (before !== null || settled);
  if (step.params['onlySchematic'] === true && schematic !== before && unchanged) {
    const what = before === null ? 'without a schematic' : `with schematic ${before}`;
    return {
      kind: 'failed',
      why: `${step.node} restarted but came back ${what}, as before: ${fallBack(rollout, step)}.`,
    };
  }
  if (schematic !== null && machine.schematic !== null && machine.schematic !== schematic) {
    return {
      kind: 'failed',
      why: `${step.node} came back with schematic ${machine.schematic}, not with ${schematic}.`,
    };
  }
  if (schematic !== null && machine.schematic === null && settled) {
    return {
      kind: 'failed',
      why: `${step.node} came back without its schematic ${schematic}: its extensions are gone.`,
    };
  }
  return settled ? extensionVerdict(step, machine) : null;
}

/** The schematic says what was built; the list of extensions says what was loaded. */
function extensionVerdict(step: Step, machine: MachineView): Settled | null {
  const missing = extensionsWithout(listParam(step, 'gains'), machine.extensions);
  if (missing.length > 0)
    return { kind: 'failed', why: `${step.node} came back without ${missing.join(', ')}.` };
  const loses = listParam(step, 'loses');
  const left = loses.filter((name) => machine.extensions.some((other) => sameExtension(name, other)));
  return left.length > 0
    ? { kind: 'failed', why: `${step.node} came back and still has ${left.join(', ')}.` }
    : null;
}

function listParam(step: Step, name: string): readonly string[] {
  return optionalTextParam(step, name)?.split(',') ?? [];
}

/** Why it came back as it did, where the machine said so before it went. */
function withReport(rollout: Rollout, step: Step, verdict: Settled): Settled {
  const reported = departureFact(rollout, step, 'reported');
  if (verdict.kind !== 'failed' || reported === null) return verdict;
  return {
    kind: 'failed',
    why: `${verdict.why} Before that it reported: ${reported.replace(/[.\s]+$/, '')}.`,
  };
}

function previousBootId(rollout: Rollout, step: Step): string | null {
  return departureFact(rollout, step, 'previousBootId');
}

/** The departing step of the same lane. */
function departing(rollout: Rollout, step: Step): Step | undefined {
  const lane = laneOfStep(rollout.plan, step.id);
  return lane?.steps.find((other) => other.presence === 'departs');
}

/** What that step wrote down when it ended. */
function departureFact(rollout: Rollout, step: Step, name: string): string | null {
  const departure = departing(rollout, step);
  const state = departure === undefined ? null : stepState(rollout, departure.id);
  const value = state?.state === 'ended' ? state.result[name] : null;
  return typeof value === 'string' ? value : null;
}

/** This node as a snapshot would show it. */
async function around(context: StepContext, machine: MachineView): Promise<NodeSnapshot> {
  const { node, workloads } = context;
  const controlPlane = node.role === 'control-plane';
  const [nodes, pods] = await Promise.all([
    answer(workloads.nodes()),
    controlPlane ? answer(workloads.staticPods()) : null,
  ]);
  return {
    name: node.name,
    address: node.address,
    role: node.role,
    machine: { kind: 'said', value: machine },
    inspection: null,
    etcd: null,
    workload:
      nodes.kind === 'silent'
        ? nodes
        : { kind: 'said', value: nodes.value.find((seen) => seen.name === node.name) ?? null },
    staticPods:
      pods === null || pods.kind === 'silent'
        ? pods
        : { kind: 'said', value: pods.value.get(node.name) ?? [] },
  };
}

/** A member that votes, knows a leader and is not far behind: each completes "<node>, which …". */
async function etcdAilments(context: StepContext): Promise<readonly string[]> {
  const { node, machines, signal } = context;
  if (node.role === 'worker') return [];
  const reply = await answer(machines.etcd(node.address, { route: 'direct', signal }));
  if (reply.kind === 'silent') return [`has no etcd that answers (${reply.why})`];
  const view = reply.value;
  if (view.learner) return ['is still an etcd learner'];
  if (view.leaderId === null) return ['knows no etcd leader'];
  if (!view.members.some((member) => member.id === view.memberId && !member.learner))
    return ['is no voting etcd member'];
  const behind = view.raftIndex - view.raftAppliedIndex;
  return behind > MAX_LAG_ENTRIES ? [`is ${behind} etcd entries behind`] : [];
}

// What a simulated machine tells of itself, in the words of the engine.
import type { EtcdView, MachineView } from '../../src/cluster/snapshot.ts';
import type { ToldFailure } from '../../src/engine/ports/machines.ts';
import { WorldError } from '../world/error.ts';
import type { MachineEvent, Stage } from '../world/event.ts';
import type { Machine } from '../world/machine.ts';
import type { World } from '../world/world.ts';

/** As the schematic of an image from the public factory says. */
const FACTORY_URL = 'https://factory.talos.dev';

/** @throws WorldError UNIMPLEMENTED on a worker */
export function assertControlPlane({ node }: Machine): void {
  if (node.role !== 'control-plane')
    throw new WorldError('UNIMPLEMENTED', 'etcd is only available on control plane nodes');
}

function stageOf(stage: Stage): MachineView['stage'] {
  return stage === 'shutting down' ? 'shutting-down' : stage;
}

export function lookAt(machine: Machine, { shelf }: World): MachineView {
  const { stage, ready, unmet } = machine.status();
  return {
    version: machine.version,
    platform: machine.platform,
    bootId: machine.bootId,
    stage: stageOf(stage),
    ready,
    unmet: unmet.map(({ name, reason }) => ({ name, reason })),
    schematic: machine.schematic === '' ? null : machine.schematic,
    factoryUrl: machine.schematic === '' ? null : FACTORY_URL,
    extensions: shelf.extensionsOf(machine.schematic),
  };
}

function memberId(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** @throws WorldError when its etcd does not run */
export function etcdOf(machine: Machine, { etcd }: World): EtcdView {
  assertControlPlane(machine);
  const { name } = machine.node;
  const view = etcd.viewOf(name);
  return {
    memberId: memberId(view.memberId),
    leaderId: view.leader === 0n ? null : memberId(view.leader),
    members: etcd
      .memberList(name, { queryLocal: true })
      .map((member) => ({ id: memberId(member.id), name: member.name, learner: member.learner })),
    learner: view.learner,
    raftTerm: Number(view.raftTerm),
    raftIndex: Number(view.raftIndex),
    raftAppliedIndex: Number(view.raftAppliedIndex),
    dbBytes: view.dbSizeBytes,
    dbInUseBytes: view.dbInUseBytes,
    ...machine.etcdVersions,
    errors: view.errors,
    alarms: etcd.alarms(name).map((one) => ({
      memberId: memberId(one.memberId),
      alarm: one.alarm === 'NOSPACE' ? 'nospace' : 'corrupt',
    })),
  };
}

function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

/** A short sentence for an event of the machine; null when it says nothing to people. */
export function sentenceOf(event: MachineEvent): string | null {
  switch (event.kind) {
    case 'sequence':
      if (event.error !== undefined) {
        const how = event.error.code === 'locked' ? 'did not start' : 'failed';
        return `${words(event.sequence)} ${how}: ${event.error.message}`;
      }
      if (event.action === 'noop') return null;
      return `${words(event.sequence)} ${event.action === 'start' ? 'started' : 'finished'}`;
    case 'phase':
      return event.action === 'start' ? words(event.phase) : null;
    case 'task':
      return event.action === 'start' ? words(event.task) : null;
    case 'service':
      return `${event.service} ${event.action}`;
    case 'machine-status':
      return event.status.ready ? `${event.status.stage}, ready` : event.status.stage;
    case 'restart':
      return 'restarting';
  }
}

/** What a failed sequence is about, as the adapter tells it beside its sentence. */
export function failureIn(event: MachineEvent, actorId: string): ToldFailure | null {
  if (event.kind !== 'sequence' || event.error === undefined || event.error.code === 'canceled') return null;
  return { kind: event.error.code === 'locked' ? 'locked' : 'failed', actorId };
}

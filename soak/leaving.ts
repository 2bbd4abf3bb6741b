// What must hold of a node that leaves and of one that is called back, judged by the simulated machines, members and pods.
import type { Lane } from '../src/rollout/plan.ts';
import { etcdTroubles } from '../test/engine/leaving.ts';
import { movable } from './pods.ts';
import type { Act, Sight } from './sight.ts';
import type { Trouble } from './standing.ts';

/** How old a proof may be when the call goes out, in milliseconds: a second that it stands, and five until its call has left. */
const PROOF_AGE_MS = 6_000;
/** Where only survivors are asked, one that is silent is waited for, and the proof is as old as that. */
const REPAIR_AGE_MS = 10_000;
/** Between two looks of whoever waits for a node and the fact that it is back. */
const RETURN_AGE_MS = 2_000;

/** Its pods, its cordon, and what was asked. `armed`: how the machine was right before. */
export function* leavingTroubles(sight: Sight, act: Act, armed: boolean): Generator<string> {
  const { ledger, house } = sight;
  const { node, method } = act;
  const lane = act.step === null ? null : ledger.laneOf(act.step.id);
  if (lane === null) return;
  if (act.role === 'control-plane' && lane.gate === null) yield `${node} leaves, and no card is about that`;
  if (armed && ledger.plan?.goal.kind === 'disarm-node' && method !== 'rollback')
    yield `${node} is restarted into what it should be rid of`;
  const repaired = lane.gate?.proof === 'repair' || lane.gate?.proof === 'dead';
  const drain = lane.steps.find(({ kind }) => kind === 'drain');
  if (repaired || drain === undefined || sight.now - sight.disturbedAt < PROOF_AGE_MS) return;
  // One that came back since the last look is nobody's mistake.
  for (const pod of movable(house, node))
    if (!ledger.drains.isLeft(drain.id, pod) && !sight.arrivals.within(pod.uid, PROOF_AGE_MS))
      yield `${node} leaves with ${pod.name} on it`;
  if (!house.objects.isCordoned(node)) yield `${node} leaves and is not cordoned`;
}

export function isDeparture({ method }: Act): boolean {
  return method === 'reboot' || method === 'rollback' || method === 'upgradeLegacy';
}

/** Judged by the members themselves; what broke after the proof could be had is nobody's mistake. */
export function* departureTroubles(sight: Sight, node: string): Iterable<string> {
  const { house, standing, ledger, scene } = sight;
  if (house.world.etcd.members().length === 1) {
    for (const why of etcdTroubles(house, scene.audit.entries, node)) yield `${node} leaves ${why}`;
    return;
  }
  const proof = ledger.lanes.find((lane) => lane.node === node && lane.gate !== null)?.gate?.proof;
  yield* quorumTroubles(sight, node, proof === 'repair' ? REPAIR_AGE_MS : PROOF_AGE_MS);
  if (proof !== 'healthy') return;
  const troubles: readonly Trouble[] = ['away', 'no-voter', 'alarm'];
  for (const { name } of house.world.etcd.members())
    for (const trouble of troubles)
      if (name !== node && standing.longer(trouble, name, PROOF_AGE_MS))
        yield `${node} may not leave: ${name} is "${trouble}"`;
}

function* quorumTroubles({ house, standing }: Sight, node: string, ageMs: number): Iterable<string> {
  const members = house.world.etcd.members();
  const left = members.filter(({ name }) => name !== node && !standing.longer('no-voter', name, ageMs));
  const quorum = Math.floor(members.length / 2) + 1;
  if (left.length < quorum) yield `without ${node} etcd has ${left.length} of ${quorum} members it needs`;
}

export function* returnTroubles(
  { house, ledger, standing }: Sight,
  lane: Lane,
  version: unknown,
): Iterable<string> {
  const { world } = house;
  const machine = world.machine(lane.node);
  const departure = lane.steps.find(({ presence }) => presence === 'departs');
  const bootBefore = departure === undefined ? '' : ledger.step(departure.id).bootId;
  const back = `${lane.node} is called back`;
  if (bootBefore !== '' && machine.bootId === bootBefore) yield `${back} in the boot it had before`;
  if (typeof version === 'string' && machine.version !== version) yield `${back} with ${machine.version}`;
  const wanted = ledger.plan?.nodes.find(({ name }) => name === lane.node)?.becomes?.schematic ?? null;
  if (wanted !== null && machine.schematic !== wanted) yield `${back} with schematic ${machine.schematic}`;
  if (standing.longer('away', lane.node, RETURN_AGE_MS)) yield `${back} and is not up`;
  if (standing.longer('no-voter', lane.node, RETURN_AGE_MS)) yield `${back} and its member does not vote`;
}

// The nine promises of the product (docs/architecture.md), each judged by what the simulated cluster shows and by the plain facts of the journal.
import { isDeepStrictEqual } from 'node:util';
import { threadOf } from '../src/bot/thread.ts';
import type { Entry } from '../src/rollout/event.ts';
import { fold } from '../src/rollout/evolve.ts';
import { BEGINNINGS } from '../test/engine/still-paused.ts';
import { departureTroubles, isDeparture, leavingTroubles, returnTroubles } from './leaving.ts';
import type { Guarded } from './pods.ts';
import type { Act, Sight } from './sight.ts';
import { canaryTroubles, soakTroubles, unsoakedTroubles } from './watching.ts';
import { SENT_ONCE } from './weather.ts';

/** What is wrong, as sentences; nothing when all is well. */
type Wrongs = Iterable<string>;

export interface Invariant {
  readonly number: number;
  readonly promise: string;
  /** A call that changes something goes out. */
  readonly sent?: (sight: Sight, act: Act) => Wrongs;
  /** A machine carried it out at once; `before` is how the machine was right before. */
  readonly received?: (sight: Sight, act: Act, before: { readonly armed: boolean }) => Wrongs;
  /** A pod was sent away; `guarded` is how it and its budgets were right before. */
  readonly taken?: (sight: Sight, act: Act, guarded: Guarded) => Wrongs;
  /** A node leaves by a call of ours, however late that came. */
  readonly left?: (sight: Sight, act: Act) => Wrongs;
  /** A fact is about to count. */
  readonly written?: (sight: Sight, entry: Entry) => Wrongs;
  /** After every effect. */
  readonly always?: (sight: Sight) => Wrongs;
  readonly finished?: (sight: Sight) => Wrongs;
  /** When the walk is over and its rollout has come to its end. */
  readonly ended?: (sight: Sight) => Wrongs;
}

/** What machines count of the calls that may be sent once, and the steps that may cause it: a legacy upgrade installs and restarts. */
const CARRIED_OUT = [
  ['installs', ['install', 'upgrade-legacy']],
  ['legacyUpgrades', ['upgrade-legacy']],
  ['reboots', ['reboot', 'upgrade-legacy', 'rollback']],
  ['rollbacks', ['rollback']],
] as const;

export const INVARIANTS: readonly Invariant[] = [
  {
    number: 1,
    promise:
      'at most one control-plane node is away by our hand, at most the policy’s workers, never both, and none while another bot acts',
    *received({ lease }, act) {
      if (isDeparture(act) && lease.isElsewhere) yield `${act.node} leaves while another bot has the Lease`;
    },
    *left(sight, { node, role }) {
      const { world, policy } = sight.house;
      const others = [...sight.ours].filter((name) => name !== node);
      const roles = others.map((name) => world.machine(name).node.role);
      if (roles.some((other) => other !== role)) yield `${node} leaves while ${others.join(', ')} is away`;
      const width = role === 'worker' ? policy.parallelWorkers : 1;
      if (others.length >= width) yield `${node} leaves as number ${others.length + 1} of ${width}`;
    },
  },
  {
    number: 2,
    promise: 'no departure costs etcd its quorum: proved for the card, at the click, and right before',
    *received(sight, act) {
      if (act.role === 'control-plane' && isDeparture(act)) yield* departureTroubles(sight, act.node);
    },
    *written(sight, { event }) {
      if (event.kind !== 'gate-opened' && event.kind !== 'gate-passed') return;
      const { node = '' } = sight.ledger.lanes.find((lane) => lane.gate?.id === event.gate) ?? {};
      const { etcd } = sight.house.world;
      // One that is alone is copied only after people have agreed.
      if (etcd.member(node) !== undefined && etcd.members().length > 1) yield* departureTroubles(sight, node);
    },
  },
  {
    number: 3,
    promise: 'nothing is done before enough people agreed to exactly this',
    *sent(sight, act) {
      const { ledger } = sight;
      const doing = `${act.method} of ${act.node}`;
      if (ledger.plan === null) yield `${doing} before there was a plan`;
      else if (ledger.started === null) yield `${doing} although nobody started it`;
      // Whoever puts back what was changed needs no card for it.
      if (act.step === null || act.method === 'uncordon') return;
      const { gate = null } = ledger.laneOf(act.step.id) ?? {};
      if (gate !== null && !ledger.card(gate.id).passed) yield `${doing} without a passed card`;
      const { started } = ledger;
      if (gate === null && act.role === 'control-plane' && act.method === 'install' && started?.user === null)
        yield `${doing} although no person started it`;
    },
    *taken({ ledger }, { method }, { uid, name, closed }) {
      if (ledger.drains.forced.has(uid)) return;
      if (method === 'remove') yield `${name} is deleted without the word of two people`;
      else if (closed.length > 0) yield `${name} is evicted past ${closed.join(' and ')}`;
    },
    *received(sight, act, { armed }) {
      if (isDeparture(act)) yield* leavingTroubles(sight, act, armed);
    },
    *written({ ledger, house }, { event }) {
      if (event.kind === 'drain-decided') yield* ledger.drains.wrongs(event, house.policy);
      // Only what puts something back.
      if (event.kind === 'step-begun' && ledger.aborted && !ledger.pays(event.step))
        yield `${event.step} begun after it was given up`;
      if (BEGINNINGS.includes(event.kind) && ledger.pausedBy !== null)
        yield `${event.kind} while the pause of ${ledger.pausedBy} stands`;
      if (event.kind !== 'gate-passed') return;
      const card = ledger.card(event.gate);
      const { policy } = house;
      if (card.opened === 0) yield `${event.gate} passed without a card`;
      if (card.yes.size < Math.max(1, card.needs, policy.approvals))
        yield `${event.gate} passed with ${card.yes.size} of ${policy.approvals} approvals`;
      for (const user of card.yes) {
        if (!policy.approvers.includes(user)) yield `${event.gate} passed by ${user}, who may not approve`;
        if (policy.selfApproval === 'refused' && user === ledger.requester)
          yield `${event.gate} passed by ${user}, who asked for it`;
      }
    },
  },
  {
    number: 4,
    promise: 'what is finished is not done again, and what may be sent once is sent once for each “begun”',
    *sent(sight, act) {
      const { ledger } = sight;
      // What may be repeated freely may also be repeated by one that was too slow to hear that it ended.
      if (!isSentOnce(act)) return;
      if (act.step === null) {
        yield `${act.method} of ${act.node}, which is in no plan`;
        return;
      }
      const facts = ledger.step(act.step.id);
      if (facts.stands !== 'begun') yield `${act.step.id} sent while ${facts.stands}`;
      else if (facts.by !== act.owner) yield `${act.step.id} sent by ${act.owner}, begun by ${facts.by}`;
      if (facts.sent > 0) yield `${act.step.id} sent ${facts.sent + 1} times for one “begun”`;
      const { address } = sight.house.world.machine(act.node).node;
      const first = [...sight.weather.wandering].find((one) => one.address === address);
      if (first !== undefined) yield `${act.step.id} sent while an earlier ${first.method} may still arrive`;
    },
    *received(_sight, { method, node }, { armed }) {
      if (method === 'install' && armed) yield `${node} installed although it was armed`;
    },
    *always(sight) {
      for (const { name } of sight.house.world.nodes) {
        for (const [what, kinds] of CARRIED_OUT) {
          const times = sight.received(name, what);
          if (times === 0) continue;
          const begins = kinds.reduce((sum, kind) => sum + sight.ledger.beginsOn(name, kind), 0);
          if (times > begins) yield `${name} counts ${times} ${what}, begun ${begins} times`;
          // Whoever finds that it happened is done, so no machine ever carries one out twice, however it came to it.
          if (times > 1 && (what === 'reboots' || what === 'rollbacks'))
            yield `${name} counts ${times} ${what}`;
        }
      }
    },
    *written({ ledger }, { event }) {
      if (event.kind !== 'step-begun') return;
      const facts = ledger.step(event.step);
      const step = ledger.lanes.flatMap(({ steps }) => steps).find(({ id }) => id === event.step);
      if (facts.stands === 'ended') yield `${event.step} begun after it ended`;
      if (step?.repeat === 'never' && facts.begins >= facts.allowed)
        yield `${event.step} begun ${facts.begins + 1} times, allowed ${facts.allowed} times`;
    },
  },
  {
    number: 5,
    promise:
      'done means another boot, the target, running and ready in Talos, Kubernetes and etcd, and watched as long as was said',
    sent: unsoakedTroubles,
    *received(sight, act) {
      if (isDeparture(act)) yield* canaryTroubles(sight, act);
    },
    *written(sight, entry) {
      yield* soakTroubles(sight, entry);
      const { event } = entry;
      if (event.kind !== 'step-ended') return;
      const lane = sight.ledger.laneOf(event.step);
      const step = lane?.steps.find(({ id }) => id === event.step);
      if (lane !== null && step?.kind === 'return')
        yield* returnTroubles(sight, lane, step.params['version']);
    },
  },
  {
    number: 6,
    promise: 'it ends, is held, or waits for a named person, and is looked at again until then',
    *written({ house }, { event }) {
      if (event.kind === 'handed-over' && !house.policy.operators.includes(event.to))
        yield `it waits for ${event.to}, who may decide nothing`;
    },
    *always(sight) {
      const { finished } = sight.ledger;
      const written = sight.scene.audit.entries.length > 0;
      if (written && finished === null && !sight.hasLook)
        yield 'it is not over, and nobody will look at it again';
      if (finished !== null && sight.hasLook) yield 'it is over, and somebody will look at it again';
      const mute = sight.house.voices.errors.find(({ message }) => message.includes('waits for nobody'));
      if (mute !== undefined) yield mute.message;
    },
  },
  {
    number: 7,
    promise: 'a replay of the journal says what is in memory, and the thread shows nothing else',
    *always(sight) {
      if (sight.broken.some(({ invariant }) => invariant === 7)) return;
      for (const { owner, seen, written } of sight.drivers())
        if (!isDeepStrictEqual(seen, written))
          yield `${owner} believes something else than the journal says at entry ${written.version}`;
    },
    *ended(sight) {
      const { scene, ledger } = sight;
      const { entries, rollout } = scene.audit;
      if (!isDeepStrictEqual(fold(entries), rollout)) yield 'a replay ends in another rollout';
      const outcome = rollout?.phase.phase === 'finished' ? rollout.phase.outcome : null;
      yield* threadTroubles(sight);
      yield* sight.window?.troubles(scene.id, entries) ?? [];
      if (outcome !== ledger.finished) yield `it ended ${outcome}, and the journal says ${ledger.finished}`;
    },
  },
  {
    number: 8,
    promise: 'what was changed is put back',
    *finished({ ledger, house, foundCordoned }) {
      for (const pay of ledger.unpaid) yield `finished and owes ${pay}`;
      for (const [node, cordoned] of foundCordoned) {
        const taken = [...ledger.taken].some((pay) => ledger.laneOf(pay)?.node === node);
        if (!taken && house.objects.isCordoned(node) !== cordoned)
          yield `${node} was found ${cordoned ? 'cordoned' : 'schedulable'} and is not left so`;
      }
    },
    *ended({ house, claim, scene, lease }) {
      if (lease.kept !== null) yield `${lease.kept} keeps the Lease`;
      if (house.guarded && house.mutex.owner !== null) yield `${house.mutex.owner} keeps the upgrade mutex`;
      // Somebody else who asked again once this one was over has the cluster by right.
      if (claim === scene.id) yield `${claim} keeps the cluster`;
    },
  },
  {
    number: 9,
    promise: 'a check is overridden by a named person with a reason, and the quorum never',
    *written({ ledger, house }, { event }) {
      if (event.kind === 'overridden') {
        if (['etcd-quorum', 'etcd-health'].includes(event.check)) yield `${event.check} was overridden`;
        if (!house.policy.approvers.includes(event.user)) yield `${event.user} overrode, and is no approver`;
        if (event.reason.trim().length < 10) yield `${event.check} was overridden without a reason`;
        if (event.user === ledger.requester && house.policy.selfApproval === 'refused')
          yield `${event.user} overrode for their own rollout`;
      }
      const [stands] = ledger.standing;
      if ((event.kind === 'started' || event.kind === 'step-begun') && stands !== undefined)
        yield `${event.kind} while ${stands} stands`;
    },
  },
];

/** At how many moments of a journal its thread is made. */
const SHOWN_TIMES = 4;

/** A message that was posted is there for ever: what any earlier moment showed, the last one shows under the same name, once. */
function* threadTroubles({ scene, house, now }: Sight): Wrongs {
  const { entries } = scene.audit;
  const shown = (count: number): readonly string[] =>
    threadOf({ entries: entries.slice(0, count), policy: house.policy, notes: {}, now })?.slots.map(
      ({ name }) => name,
    ) ?? [];
  const last = shown(entries.length);
  if (new Set(last).size !== last.length) yield 'two messages of the thread have one name';
  for (let part = 1; part < SHOWN_TIMES; part += 1)
    for (const name of shown(Math.floor((entries.length * part) / SHOWN_TIMES)))
      if (!last.includes(name)) yield `the message ${name} of the thread is there no more`;
}

function isSentOnce({ method }: Act): boolean {
  return SENT_ONCE.some((one) => one === method);
}

// Mutants of what a rollout meets besides its own steps: blocked drains, armed nodes, people who take turns, soaks, the advisory Lease.
import type { Mutant } from '../mutant.ts';

const DRAIN = 'src/rollout/drain.ts';
const BLOCKADE = 'src/rollout/blockade.ts';
const ARMED = 'src/rollout/plan/armed-node.ts';
const LEASE = 'src/engine/lease.ts';

export const BESIDES: readonly Mutant[] = [
  {
    name: 'budgets-ignored',
    sentence: 'deletes pods instead of asking their budgets',
    breaks: [3],
    plants: [
      {
        file: 'src/engine/steps/evictions.ts',
        find: 'if (!forced.includes(pod.uid)) return await this.#workloads.evict(pod);',
        replace: '',
      },
    ],
  },
  {
    name: 'force-alone',
    sentence: 'takes one person’s word for two where budgets are overridden',
    breaks: [3],
    plants: [
      {
        file: DRAIN,
        find: 'if (who.includes(user)) return null;',
        replace: 'if (user !== null) return null;',
      },
    ],
  },
  {
    name: 'force-unheard',
    sentence: 'deletes pods as soon as somebody proposes it',
    breaks: [3],
    plants: [
      {
        file: BLOCKADE,
        find: 'const proposal = { choice: event.choice, user: event.user, at };',
        replace:
          'if (question !== null) return { question: null, forced: [...forced, ...question.blockers.map(({ uid }) => uid)] };\n      const proposal = { choice: event.choice, user: event.user, at };',
      },
    ],
  },
  {
    name: 'consent-carried-over',
    sentence: 'counts a wish about some pods for others that got stuck later',
    breaks: [3],
    around: 104,
    plants: [
      {
        file: BLOCKADE,
        find: 'begin, proposal: null',
        replace: 'begin, proposal: question?.proposal ?? null',
      },
      {
        file: 'src/rollout/occasion.ts',
        find: 'return meant.occasion !== undefined && meant.occasion !== occasionOf(rollout, subject);',
        replace: 'return meant.occasion !== undefined && occasionOf(rollout, subject) === null;',
      },
    ],
  },
  {
    name: 'emptied-unlooked',
    sentence: 'does not look whether a node is still empty right before it leaves',
    breaks: [3],
    plants: [
      {
        file: 'src/engine/emptied.ts',
        find: 'if (whys.length === 0) return null;',
        replace: 'if (whys.length >= 0) return null;',
      },
      {
        file: 'src/engine/steps/drain.ts',
        find: 'leaving.length === 0',
        replace: 'leaving.length <= 1',
      },
    ],
  },
  {
    name: 'comebacks-overlooked',
    sentence: 'takes a pod that came back to a drained node for one that may stay',
    breaks: [3],
    around: 135,
    plants: [
      {
        file: 'src/engine/emptied.ts',
        find: "drainVerdict(pod) === 'evict' && !isLeft(decided, pod)",
        replace: "drainVerdict(pod) === 'evict' && !isLeft(decided, pod) && !pod.toleratesCordon",
      },
    ],
  },
  {
    name: 'owners-for-one',
    sentence: 'leaves all pods of an owner when people agreed about one of them',
    breaks: [3],
    around: 16,
    plants: [
      {
        file: BLOCKADE,
        find: "blockers.filter(({ cause }) => cause === 'comes-back')",
        replace: "blockers.filter(({ cause }) => cause !== 'namespace')",
      },
    ],
  },
  {
    name: 'disarmed-by-restart',
    sentence: 'takes an armed node back by restarting it',
    breaks: [3],
    around: 16,
    plants: [
      {
        file: ARMED,
        find: "{ kind: 'rollback', params: { from: machine.version, version: null, disarms: true, ...armed } }",
        replace: "{ kind: 'reboot', params: { version: null, ...armed } }",
      },
    ],
  },
  {
    name: 'armed-unasked',
    sentence: 'restarts an armed control-plane node without a card',
    breaks: [3],
    around: 86,
    plants: [
      {
        file: ARMED,
        find: "lanes: [node.role === 'worker' ? lane : gated(lane, proof, assumed)],",
        replace: "lanes: [proof === 'healthy' ? lane : gated(lane, proof, assumed)],",
      },
    ],
  },
  {
    name: 'abort-goes-on',
    sentence: 'goes on with the plan when it was given up',
    breaks: [3, 6],
    around: 34,
    plants: [
      {
        file: 'src/rollout/next.ts',
        find: 'return tidy(rollout);',
        replace: 'return debtsOf(rollout).length > 0 ? walk(rollout, now) : tidy(rollout);',
      },
    ],
  },
  {
    name: 'handed-to-anybody',
    sentence: 'hands a rollout over to somebody who may decide nothing',
    breaks: [6],
    around: 19,
    plants: [
      {
        file: 'src/rollout/hand-over.ts',
        find: 'if (!isOperator(policy, next)) {',
        replace: "if (next === '') {",
      },
    ],
  },
  {
    name: 'soak-cut-short',
    sentence: 'does not wait for the end of a soak',
    breaks: [5],
    around: 50,
    plants: [
      {
        file: 'src/rollout/soak.ts',
        find: 'return since === 0 ? 0 : since + lasts;',
        replace: 'return since === 0 ? 0 : since + lasts / 2;',
      },
    ],
  },
  {
    name: 'no-canary',
    sentence: 'lets the canary go like any other',
    breaks: [5],
    around: 50,
    plants: [
      {
        file: 'src/rollout/plan/canary.ts',
        find: 'if (!hasCanary(policy)) return NONE;',
        replace: 'if (policy !== null) return NONE;',
      },
    ],
  },
  {
    name: 'lease-overlooked',
    sentence: 'goes on while another bot has the Lease',
    breaks: [1],
    plants: [
      {
        file: LEASE,
        find: "{ kind: 'elsewhere', seen: reply.seen }",
        replace: "{ kind: 'unanswered', fault: faultOf(new Error('busy')) }",
      },
    ],
  },
  {
    name: 'lease-kept',
    sentence: 'keeps the Lease when nobody acts any more',
    breaks: [8],
    plants: [
      {
        file: LEASE,
        find: 'if (hold === null) return;',
        replace: 'if (hold !== undefined) return;',
      },
    ],
  },
];

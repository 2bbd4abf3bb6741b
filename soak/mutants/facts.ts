// Mutants of what is written down and who may write it: approvals, debts, leases of the store, Looks, bells and memory.
import type { Mutant } from '../mutant.ts';

const STEP_FACTS = 'src/rollout/evolve-step.ts';

export const FACTS: readonly Mutant[] = [
  {
    name: 'look-removed',
    sentence: 'takes a Look away when it reads it, outside the script that may',
    breaks: [6],
    plants: [
      {
        file: 'playground/doubles/store.ts',
        find: 'return due.slice(0, limit)',
        replace:
          'for (const { cluster, rollout } of due) this.#shelf(cluster).looks.delete(rollout);\n    return due.slice(0, limit)',
      },
    ],
  },
  {
    name: 'bells-by-id',
    sentence: 'names the job of a bell after its rollout, so that the queue drops the next ones',
    breaks: [6],
    plants: [
      {
        file: 'playground/doubles/bells.ts',
        find: 'this.rung.push(bell);',
        replace:
          'if (this.rung.some(({ rollout }) => rollout === bell.rollout)) return;\n    this.rung.push(bell);',
      },
    ],
  },
  {
    name: 'approvals-carried-over',
    sentence: 'counts approvals of an earlier card for a new one',
    // Or a new card is full from the start, and nobody asks for its proof.
    breaks: [3, 6],
    around: 170,
    plants: [
      {
        file: 'src/rollout/evolve.ts',
        find: 'approvals: [],',
        replace: 'approvals: (state as { approvals?: never[] }).approvals ?? [],',
      },
      {
        file: 'src/rollout/evolve.ts',
        find: "return stale.reduce((after, [gate]) => withGate(after, gate, { state: 'closed', notBefore: 0 }), rollout);",
        replace:
          "return stale.reduce((after, [gate, state]) => withGate(after, gate, { ...state, state: 'closed', notBefore: 0 }), rollout);",
      },
    ],
  },
  {
    name: 'self-approval',
    sentence: 'lets people approve what they asked for',
    breaks: [3],
    around: 108,
    plants: [
      {
        file: 'src/rollout/approval.ts',
        find: "asked.user === rollout.user && around.policy.selfApproval === 'refused'",
        replace: 'asked.user === undefined',
      },
    ],
  },
  {
    name: 'doubt-withdrawn',
    sentence: 'forgets the doubt about a call when the next try is withdrawn',
    breaks: [4],
    around: 19,
    plants: [
      {
        file: STEP_FACTS,
        find: 'return withStep({ ...rollout, begins }, event.step, {',
        replace: 'return withStep({ ...withoutDoubt(rollout, event.step), begins }, event.step, {',
      },
    ],
  },
  {
    name: 'doubt-failed-away',
    sentence: 'forgets the doubt about a call when the last of the next tries does not leave either',
    breaks: [4],
    around: 19,
    plants: [
      {
        file: STEP_FACTS,
        find: "&& stepOf(rollout, event.step)?.kind === 'install'",
        replace: '&& stepOf(rollout, event.step)?.kind !== undefined',
      },
      {
        file: 'src/engine/step.ts',
        find: "return record(begun, withdrawn, { kind: 'step-failed', step: step.id, why });",
        replace: 'return fail(begun, why);',
      },
    ],
  },
  {
    name: 'pause-forgotten',
    sentence: 'forgets a pause when the step in hand fails and somebody decides about it',
    breaks: [3],
    around: 26,
    plants: [
      {
        file: 'src/rollout/pause.ts',
        find: "if (phase.phase !== 'running' || phase.halt !== null) return choice;",
        replace: 'return choice;',
      },
    ],
  },
  {
    name: 'debts-forgotten',
    sentence: 'owes nothing for what it changed',
    breaks: [8],
    around: 34,
    plants: [
      {
        file: 'src/rollout/rollout.ts',
        find: 'return stepDone(rollout, pay) ? [] : [{ node: step.node, pay }];',
        replace: 'return pay === null ? [{ node: step.node, pay }] : [];',
      },
    ],
  },
  {
    name: 'lease-for-everybody',
    sentence: 'gives the lease to everybody, and appends over what others wrote',
    breaks: [1, 3, 4, 6, 7],
    plants: [
      {
        file: 'playground/doubles/store.ts',
        find: 'const free = this.#holder(shelf, rollout) === null;',
        replace: 'const free = shelf !== null;',
      },
      {
        file: 'playground/doubles/store.ts',
        find: "if (lease !== undefined && this.#holder(shelf, rollout) !== lease.token) return { kind: 'lease-lost' };",
        replace: '',
      },
      {
        file: 'playground/doubles/store.ts',
        find: 'const { cluster, rollout, expect, events, lease, claim } = request;',
        replace:
          'if (request.lease !== undefined) request = { ...request, link: undefined, expect: this.#lines(request.cluster, request.rollout).length };\n    const { cluster, rollout, expect, events, lease, claim } = request;',
      },
    ],
  },
  {
    name: 'memory-of-its-own',
    sentence: 'keeps something in memory that the journal does not say',
    breaks: [7],
    plants: [
      {
        file: 'src/engine/session.ts',
        find: 'this.#rollout = followed(this.#rollout, fresh);',
        replace: 'this.#rollout = { ...followed(this.#rollout, fresh), channel: this.#owner };',
      },
    ],
  },
  {
    name: 'never-finished',
    sentence: 'puts everything back and never says that it is over',
    breaks: [6],
    around: 11,
    plants: [
      {
        file: 'src/engine/tasks.ts',
        find: "if (phase.phase === 'tidying') return [{ kind: 'finished', outcome: phase.outcome }];",
        replace: "if (phase.phase === 'tidying') return null;",
      },
    ],
  },
  {
    name: 'reason-unasked',
    sentence: 'lets anybody override anything without a reason',
    breaks: [9],
    around: 155,
    plants: [
      {
        file: 'src/rollout/override.ts',
        find: 'if (length < MIN_REASON) return',
        replace: 'if (length < 0) return',
      },
    ],
  },
];

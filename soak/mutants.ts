// The mutants: guards of the product taken out one at a time, and the promises that are broken without them.
import type { Plant } from './plant.ts';

export interface Mutant {
  readonly name: string;
  /** What is missing, as the rest of a sentence that begins with "a bot that". */
  readonly sentence: string;
  /** Invariants of which at least one must be seen broken. */
  readonly breaks: readonly number[];
  /** A round of seed 1 that is a little before the first to show it; absent: soon after the first. */
  readonly around?: number;
  readonly plants: readonly Plant[];
}

const STEP = 'src/engine/step.ts';
const DEPARTURES = 'src/engine/steps/departures.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no-look-before-acting',
    sentence: 'does not look whether it is so already before it acts',
    breaks: [4],
    plants: [
      {
        file: STEP,
        find: 'const already = await doer.observe();',
        replace: 'const already = null as Awaited<ReturnType<typeof doer.observe>>;',
      },
    ],
  },
  {
    name: 'begun-repeated',
    sentence: 'does again what it finds begun',
    breaks: [4],
    plants: [
      {
        file: STEP,
        find: '() => settling(begun, false))',
        replace: '() => act(begun))',
      },
    ],
  },
  {
    name: 'begun-unwritten',
    sentence: 'acts without writing down that it begins',
    breaks: [4],
    plants: [
      {
        file: STEP,
        find: "return [{ kind: 'step-begun', step: step.id, evidence, by: session.owner }];",
        replace:
          "return step.repeat === 'never'\n      ? (void act(asBegun(attempt, evidence)).catch(() => undefined), null)\n      : [{ kind: 'step-begun', step: step.id, evidence, by: session.owner }];",
      },
    ],
  },
  {
    name: 'no-proof-before-leaving',
    sentence: 'does not prove the quorum again right before a node leaves',
    breaks: [2],
    around: 110,
    plants: [
      {
        file: 'src/engine/prove.ts',
        find: "step.repeat === 'freely' || lane === null",
        replace: "step.repeat === 'freely' || lane === null || step.presence === 'departs'",
      },
    ],
  },
  {
    name: 'no-proof-at-click',
    sentence: 'does not prove the quorum again when people have agreed',
    breaks: [2],
    plants: [
      {
        file: 'src/engine/tasks.ts',
        find: "if (departure.kind === 'proved') return [{ kind: 'gate-passed', gate: gate.id, proof: departure.proof }];",
        replace: "if (gate !== null) return [{ kind: 'gate-passed', gate: gate.id, proof: state.proof }];",
      },
    ],
  },
  {
    name: 'no-flight-wait',
    sentence: 'sends again at once what a person says “again” to',
    breaks: [4],
    plants: [
      {
        file: 'src/rollout/decide.ts',
        find: 'const waitMs = inDoubt ? around.policy.limits.flightMs : 0;',
        replace: 'const waitMs = 0;',
      },
    ],
  },
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
    name: 'act-retried',
    sentence: 'sends an act again when its reply is lost',
    breaks: [4],
    around: 30,
    plants: [
      {
        file: DEPARTURES,
        find: "note('restarting');",
        replace: "note('restarting');\n      if (reply.kind === 'lost') await act(evidence);",
      },
    ],
  },
  {
    name: 'act-failed-over',
    sentence: 'sends an act over another way when the first one breaks',
    breaks: [4],
    plants: [
      {
        file: 'playground/doubles/machines.ts',
        find: "return { kind: 'done', value: await act(machine) };",
        replace:
          "return { kind: 'done', value: await act(machine).catch(async () => {\n        await new Promise<void>((again) => this.#world.clock.after(2_000, again));\n        return await act(machine);\n      }) };",
      },
    ],
  },
  {
    name: 'approvals-carried-over',
    sentence: 'counts approvals of an earlier card for a new one',
    // Or a new card is full from the start, and nobody asks for its proof.
    breaks: [3, 6],
    around: 30,
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
    around: 65,
    plants: [
      {
        file: 'src/rollout/approval.ts',
        find: "asked.user === rollout.user && around.policy.selfApproval === 'refused'",
        replace: 'asked.user === undefined',
      },
    ],
  },
  {
    name: 'uncordon-forgotten',
    sentence: 'calls a node schedulable again and does nothing for it',
    breaks: [8],
    plants: [
      {
        file: 'src/engine/steps/node-steps.ts',
        find: 'const { restored } = await workloads.uncordon(node.name, rollout.id);',
        replace: "const restored = workloads === undefined ? rollout.id : 'schedulable';",
      },
    ],
  },
  {
    name: 'debts-forgotten',
    sentence: 'owes nothing for what it changed',
    breaks: [8],
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
    name: 'one-more-away',
    sentence: 'lets one node more be away than the policy says',
    breaks: [1],
    plants: [
      { file: 'src/rollout/next.ts', find: '.slice(0, stage.width)', replace: '.slice(0, stage.width + 1)' },
      {
        file: 'src/rollout/departure.ts',
        find: 'away.length < width)',
        replace: 'away.length < width + 1)',
      },
    ],
  },
  {
    name: 'done-too-early',
    sentence: 'calls a node back as soon as it answers',
    breaks: [5],
    plants: [
      {
        file: 'src/engine/steps/return.ts',
        find: 'if (whys.length === 0) {',
        replace: 'if (whys.length >= 0) {',
      },
    ],
  },
  {
    name: 'fall-back-unseen',
    sentence: 'does not ask which version came back',
    breaks: [5],
    around: 50,
    plants: [
      {
        file: 'src/engine/steps/return.ts',
        find: 'if (expected !== null && !sameVersion(machine.version, expected)) {',
        replace: "if (expected === '' && !sameVersion(machine.version, expected)) {",
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
    around: 50,
    plants: [
      {
        file: 'src/rollout/override.ts',
        find: 'if (length < MIN_REASON) return',
        replace: 'if (length < 0) return',
      },
    ],
  },
];

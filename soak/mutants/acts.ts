// Mutants of how an act is made: looked for before, written down, sent once, proved right before.
import type { Mutant } from '../mutant.ts';

const STEP = 'src/engine/step.ts';
const PREPARE = 'src/engine/prepare.ts';
const DEPARTURES = 'src/engine/steps/departures.ts';

export const ACTS: readonly Mutant[] = [
  {
    name: 'no-look-before-acting',
    sentence: 'does not look whether it is so already before it acts',
    breaks: [4],
    around: 84,
    plants: [
      {
        file: PREPARE,
        find: 'const already = await doer.observe();',
        replace: 'const already = null as Awaited<ReturnType<typeof doer.observe>>;',
      },
    ],
  },
  {
    name: 'begun-repeated',
    sentence: 'does again what it finds begun',
    breaks: [4],
    around: 6,
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
    around: 114,
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
    around: 194,
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
    around: 190,
    plants: [
      {
        file: 'src/rollout/decide.ts',
        find: 'const waitMs = inDoubt ? around.policy.limits.flightMs : 0;',
        replace: 'const waitMs = 0;',
      },
    ],
  },
  {
    name: 'act-retried',
    sentence: 'sends an act again when its reply is lost',
    breaks: [4],
    around: 245,
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
    around: 58,
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
    around: 70,
    plants: [
      {
        file: 'src/engine/steps/return.ts',
        find: 'if (expected !== null && !sameVersion(machine.version, expected)) {',
        replace: "if (expected === '' && !sameVersion(machine.version, expected)) {",
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
        find: 'const { restored } = await workloads.uncordon(node.name, rollout.id, { may, unseen });',
        replace: "const restored = workloads === undefined ? rollout.id : 'schedulable';",
      },
    ],
  },
];

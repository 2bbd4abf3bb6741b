// Shows the simulated cluster to the local Slack's page, and lets it break things there.
import type { ClusterProvider, FaultParam } from './slack/contract.ts';
import type { RawParams } from './world/fault.ts';
import { FAULTS } from './world/faults.ts';
import type { World } from './world/world.ts';

/** Healing is offered beside the faults, because that is where people look for it. */
const HEAL = {
  name: 'heal',
  sentence: 'Takes injected faults back: all of them, or those of one name or node.',
  params: [
    { name: 'fault', sentence: 'only faults of this name', kind: 'text', default: '' },
    { name: 'node', sentence: 'only faults of this node', kind: 'node', default: '' },
  ],
} as const;

export function panelOf(world: World): ClusterProvider {
  return {
    snapshot: () => world.snapshot(),
    faults: () => [
      ...FAULTS.map(({ name, sentence, params }) => ({ name, sentence, params: params.map(asParam) })),
      HEAL,
    ],
    inject: async (name, params) => {
      if (name === HEAL.name) {
        world.heal({ name: textOf(params['fault']), node: textOf(params['node']) });
        return;
      }
      world.inject(name, plain(params));
    },
    onChange: (callback) => world.onChange(callback),
  };
}

function asParam(param: (typeof FAULTS)[number]['params'][number]): FaultParam {
  const { name, sentence, type, required } = param;
  return required ? { name, sentence, kind: type } : { name, sentence, kind: type, default: '' };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function plain(params: Readonly<Record<string, unknown>>): RawParams {
  const entries = Object.entries(params).flatMap(([key, value]): [string, string | number | boolean][] =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [[key, value]]
      : [],
  );
  return Object.fromEntries(entries);
}

// Questions for the path planner in small: what runs, what is asked, and what has been released.
import { COMPATIBILITY } from '../../src/cluster/compatibility.ts';
import {
  findPath,
  PATH_RULES,
  type Pathfinding,
  type PathQuestion,
  type PathRules,
  type Standing,
} from '../../src/cluster/path.ts';

/** The newest patches of facts/talos-api.md 7, and two older ones of some minors. */
export const TALOS = [
  ...[
    'v1.8.4',
    'v1.9.0',
    'v1.9.6',
    'v1.10.0',
    'v1.10.9',
    'v1.11.0',
    'v1.11.6',
    'v1.12.11',
    'v1.13.4',
    'v1.13.9',
  ],
  ...['v1.14.0', 'v1.14.1', 'v1.15.0-alpha.0'],
];
export const KUBERNETES = [
  ...['v1.28.15', 'v1.29.15', 'v1.30.14', 'v1.31.14', 'v1.32.13', 'v1.33.4', 'v1.33.12', 'v1.34.8'],
  ...['v1.35.4', 'v1.36.0', 'v1.36.3', 'v1.37.0'],
];

export interface Asked {
  /** Versions of machines, or the one of all. */
  readonly talos: string | readonly string[];
  /** Versions of control plane and kubelets alike, or apart. */
  readonly kubernetes: string | Omit<Standing, 'talos'>;
  readonly to: { readonly talos?: string; readonly kubernetes?: string };
  readonly rules?: Partial<PathRules>;
  readonly releases?: Partial<PathQuestion['releases']>;
  readonly table?: PathQuestion['table'];
}

export function aQuestion(asked: Asked): PathQuestion {
  const { talos, kubernetes, to } = asked;
  return {
    standing: {
      talos: typeof talos === 'string' ? [talos] : talos,
      ...(typeof kubernetes === 'string'
        ? { controlPlane: [kubernetes], kubelets: [kubernetes] }
        : kubernetes),
    },
    target: { talos: to.talos ?? null, kubernetes: to.kubernetes ?? null },
    table: asked.table ?? COMPATIBILITY,
    releases: { talos: TALOS, kubernetes: KUBERNETES, ...asked.releases },
    rules: { ...PATH_RULES, ...asked.rules },
    projects: { talos: 'https://git.example/talos', kubernetes: 'https://git.example/kubernetes' },
  };
}

export function ask(asked: Asked): Pathfinding {
  return findPath(aQuestion(asked));
}

/** `T v1.12.11, K v1.30.14`: the hops of a path that was found or is the nearest. */
export function hopsIn(found: Pathfinding): readonly string[] {
  if (found.kind === 'unknown') return [];
  const { hops } = found.kind === 'found' ? found.path : found.nearest;
  return hops.map(({ kind, to }) => `${kind === 'talos' ? 'T' : 'K'} ${to}`);
}

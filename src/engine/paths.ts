// Finds the path of a cluster: asks it what runs, asks the release lists what there is, and leaves the rest to the planner.

import { said } from '../cluster/answer.ts';
import type { CompatibilityTable } from '../cluster/compatibility.ts';
import { listed } from '../cluster/listed.ts';
import {
  findPath,
  type HopTime,
  latestOf,
  type PathQuestion,
  type PathRules,
  type PathTarget,
  type Product,
  rangeOf,
  type Standing,
} from '../cluster/path.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { paceOf } from '../rollout/history.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { pastRollouts } from './past.ts';
import type { Clock } from './ports/clock.ts';
import type { PathReport } from './ports/errands.ts';
import { faultOf } from './ports/fault.ts';
import type { Journal } from './ports/journal.ts';
import type { ReleaseList, ReleaseLists } from './ports/releases.ts';
import { type ClusterPorts, survey } from './survey.ts';

/** What a cluster's path is made from beside what the cluster says. */
export interface ReleaseWork {
  readonly lists: ReleaseLists;
  readonly table: CompatibilityTable;
  readonly rules: PathRules;
  /** Addresses of the projects, for release notes. */
  readonly projects: PathQuestion['projects'];
  close(): Promise<void>;
}

export interface PathParts {
  readonly work: ClusterPorts & { readonly releases?: ReleaseWork };
  readonly clock: Clock;
  /** For how long a hop takes here; absent: nothing is said about that. */
  readonly journal?: Journal;
}

/** Reads only. Never rejects for what does not answer: silence becomes a question or a note. `seen`: what was surveyed just now. */
export async function pathFor(
  wish: PathTarget,
  { work, clock, journal }: PathParts,
  seen?: Snapshot,
): Promise<PathReport> {
  const { releases } = work;
  if (releases === undefined)
    return { kind: 'failed', sentence: 'This worker has no release lists, so it cannot look for a path.' };
  const [snapshot, components, talos, kubernetes, past] = await Promise.all([
    seen ?? survey(work, clock),
    componentsOf(work, clock),
    releases.lists.talos(),
    releases.lists.kubernetes(),
    journal === undefined ? [] : pastRollouts(journal, work.name).catch(() => []),
  ]);
  const standing = standingOf(snapshot, components.versions);
  const target = targetOf(wish, releases.table, talos.versions);
  const found = findPath({
    standing,
    target,
    table: releases.table,
    releases: { talos: talos.versions, kubernetes: kubernetes.versions },
    rules: releases.rules,
    projects: releases.projects,
  });
  return {
    kind: 'path',
    found,
    runs: { talos: rangeOf(standing, 'talos'), kubernetes: rangeOf(standing, 'kubernetes') },
    target,
    hop: hopTime(past, snapshot),
    sources: [sourceOf('talos', talos), sourceOf('kubernetes', kubernetes)],
    troubles: [
      ...new Set([...silences(snapshot), ...components.troubles, ...talos.troubles, ...kubernetes.troubles]),
    ],
  };
}

/** A hop nobody has planned yet: every node once, at the pace of the past upgrades. */
export function hopTime(past: readonly Rollout[], { nodes }: Snapshot): HopTime | null {
  const pace = paceOf(past);
  return pace === null ? null : { upgrades: pace.upgrades, ms: pace.nodeMs * nodes.length };
}

function sourceOf(
  product: Product,
  { source, ageMs }: ReleaseList,
): { product: Product; name: string | null; ageMs: number } {
  return { product, name: source, ageMs };
}

/** Without any wish: the newest Talos that is both released and in the table. */
function targetOf(wish: PathTarget, table: CompatibilityTable, released: readonly string[]): PathTarget {
  if (wish.talos !== null || wish.kubernetes !== null) return wish;
  const newest = table.findLast(({ minor }) => latestOf(released, minor) !== null);
  return { talos: newest?.minor ?? table.at(-1)?.minor ?? null, kubernetes: null };
}

interface Components {
  readonly versions: readonly string[];
  readonly troubles: readonly string[];
}

/** Milliseconds for one list of pods in kube-system. */
const COMPONENTS_LIMIT_MS = 10_000;
const CONTROL_PLANE = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** The lowest version counts, not the one of whichever API server happened to answer (kubernetes.md 1.3). */
async function componentsOf({ estate }: ClusterPorts, clock: Clock): Promise<Components> {
  if (estate === undefined) return { versions: [], troubles: [] };
  const late = new AbortController();
  const over = new AbortController();
  const limit = clock.sleep(COMPONENTS_LIMIT_MS, over.signal).then(() => late.abort());
  try {
    const seen = await estate.components(late.signal);
    const versions = seen
      .filter(({ component }) => CONTROL_PLANE.includes(component))
      .map(({ version }) => version);
    return { versions, troubles: [] };
  } catch (error) {
    return { versions: [], troubles: [faultOf(error).message] };
  } finally {
    over.abort();
    await limit;
  }
}

function standingOf(snapshot: Snapshot, controlPlane: readonly string[]): Standing {
  const machines = snapshot.nodes.map((node) => said(node.machine)?.version);
  const kubelets = snapshot.nodes.map((node) => said(node.workload)?.kubeletVersion);
  const known = (version: string | undefined): version is string => version !== undefined && version !== '';
  return { talos: machines.filter(known), controlPlane, kubelets: kubelets.filter(known) };
}

/** A machine that said nothing may run anything: the path holds for the others only, and says so. */
function silences({ nodes, silences: incomplete }: Snapshot): readonly string[] {
  const silent = nodes.filter((node) => said(node.machine) === null).map(({ name }) => name);
  return [
    ...(silent.length === 0
      ? []
      : [
          `What ${listed(silent, MOST_NAMED)} ${silent.length === 1 ? 'runs' : 'run'} is not known: the path is for the other machines.`,
        ]),
    ...incomplete,
  ];
}

/** Enough to see which, few enough for a sentence. */
const MOST_NAMED = 8;

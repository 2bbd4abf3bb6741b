// The port Neighbours over the real Kubernetes API: Flux and Argo CD objects, suspended and resumed one patch at a time.
import {
  type Neighbour,
  type NeighbourKind,
  type NeighbourSeen,
  neighbourText,
} from '../cluster/neighbour.ts';
import { Fault } from '../engine/ports/fault.ts';
import type { May } from '../engine/ports/machines.ts';
import type { Neighbours } from '../engine/ports/neighbours.ts';
import type { KubernetesConnection } from './connection.ts';
import { listPlain, nameOf, type Plain } from './estate/plain.ts';
import { servedGroups } from './estate/reader.ts';
import { nullWhenAnsweredNo, nullWhenMissing } from './fault.ts';
import { readPlain } from './read-plain.ts';
import { statusOf } from './status.ts';
import {
  appliedBy,
  decideOutdate,
  decideResume,
  decideSuspend,
  isSuspended,
  labelsOf,
  OUTDATING,
  type SuspensionDecision,
} from './suspension.ts';

/** Controllers write these objects while they work; stale five times in a row means that somebody fights over them. */
const CONFLICT_TRIES = 5;

const PLACES: Readonly<Record<NeighbourKind, { readonly group: string; readonly plural: string }>> = {
  Kustomization: { group: 'kustomize.toolkit.fluxcd.io', plural: 'kustomizations' },
  HelmRelease: { group: 'helm.toolkit.fluxcd.io', plural: 'helmreleases' },
  Application: { group: 'argoproj.io', plural: 'applications' },
};

/** By group: the version the server prefers. */
type Served = ReadonlyMap<string, string>;

export function neighboursOver(connection: KubernetesConnection, pageSize: number): Neighbours {
  const list = async (kind: NeighbourKind, served: Served): Promise<readonly NeighbourSeen[]> => {
    const version = versionIn(served, kind);
    if (version === null) return [];
    // Several products share a group: `argoproj.io` may have workflows and no applications.
    const listing = listPlain(connection, { ...PLACES[kind], version }, pageSize);
    const objects = await listing.catch(nullWhenMissing);
    return (objects ?? []).map((object) => neighbourSeen(object, kind));
  };
  return {
    flux: async () => {
      const served = await servedGroups(connection);
      const [kustomizations, releases] = await Promise.all([
        list('Kustomization', served),
        list('HelmRelease', served),
      ]);
      return [...kustomizations, ...releases];
    },
    argo: async () => list('Application', await servedGroups(connection)),
    suspend: async (neighbour, mark, { may } = {}) => {
      const doing = `to suspend ${neighbourText(neighbour)}`;
      const decide = (object: Plain) => decideSuspend(object, neighbour.kind, mark);
      return (await changed(connection, { doing, neighbour, may, decide })) ?? { found: 'gone' };
    },
    resume: async (neighbour, mark, { may, unseen = false } = {}) => {
      const act = { doing: `to resume ${neighbourText(neighbour)}`, neighbour, may };
      for (const value of unseen ? OUTDATING : []) {
        const decide = (object: Plain) => decideOutdate(object, neighbour.kind, value);
        await changed(connection, { ...act, decide }).catch(nullWhenAnsweredNo);
      }
      const decide = (object: Plain) => decideResume(object, neighbour.kind, mark);
      return (await changed(connection, { ...act, decide })) ?? { restored: 'gone' };
    },
  };
}

function neighbourSeen(object: Plain, kind: NeighbourKind): NeighbourSeen {
  return {
    kind,
    ...nameOf(object),
    labels: labelsOf(object),
    suspended: isSuspended(object, kind),
    appliedBy: appliedBy(object),
  };
}

/** The version the server prefers; null when the kind's group is not served. */
function versionIn(served: Served, kind: NeighbourKind): string | null {
  return served.get(PLACES[kind].group) ?? null;
}

interface Change<T> {
  readonly doing: string;
  readonly neighbour: Neighbour;
  readonly may: May | undefined;
  readonly decide: (object: Plain) => SuspensionDecision<T>;
}

/**
 * Read, decide, patch under the version that was read; a conflict reads again, and who may not act any more patches nothing. Null when
 * it is no more. Throws Fault, `busy` while its kind is not served: the objects of a definition that is being changed come back as they
 * were, with our marks.
 */
async function changed<T>(
  connection: KubernetesConnection,
  { doing, neighbour, may, decide }: Change<T>,
): Promise<T | null> {
  const { kind, namespace, name } = neighbour;
  const version = versionIn(await servedGroups(connection), kind);
  if (version === null) throw notServed(neighbour);
  const address = { ...PLACES[kind], version, namespace, name };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const object = await readPlain(connection, address, doing);
      const decision = decide(object);
      if (decision.kind === 'done') return decision.answer;
      await connection.write(doing, ({ patchPlain }) => patchPlain(address, decision.body), may);
      return decision.answer;
    } catch (error) {
      if (error instanceof Fault && error.kind === 'missing') {
        if (isGone(error, neighbour)) return null;
        throw notServed(neighbour, error);
      }
      const conflict = error instanceof Fault && error.code === '409';
      if (!conflict || attempt >= CONFLICT_TRIES) throw error;
    }
  }
}

/** Only an answer that names this object says that it is no more: any other 404 is about its kind, or from something in between. */
function isGone(fault: Fault, { kind, name }: Neighbour): boolean {
  const about = statusOf(fault.cause)?.about;
  return about?.name === name && about.plural === PLACES[kind].plural;
}

function notServed(neighbour: Neighbour, cause?: Fault): Fault {
  const { group, plural } = PLACES[neighbour.kind];
  const message = `Kubernetes does not serve ${plural}.${group} now, so nobody knows what became of ${neighbourText(neighbour)}.`;
  return new Fault('busy', message, { code: '404', cause });
}

// What the suites of the port EstateReader have in common: the cluster under test, its hands, and kinds to put there.
import type { JsonObject } from '../../playground/world/kubernetes/patch.ts';
import type { ShelvedKind } from '../../playground/world/kubernetes/shelf.ts';
import type { Estate, EstateSubject, EstateViews } from '../../src/cluster/estate/estate.ts';
import type { Kubernetes, KubernetesSettings } from '../../src/kubernetes/open.ts';
import type { ClusterHands } from './cluster-hands.ts';

export interface EstateHands extends ClusterHands {
  /** The kind is served from now on, as an operator's CRD brings it about. */
  install(kind: ShelvedKind): void | Promise<void>;
  put(kind: ShelvedKind, object: JsonObject): unknown;
}

export interface EstateUnderTest {
  readonly open: (settings?: Partial<KubernetesSettings>) => Kubernetes;
  /** As of WorkloadsUnderTest, with kinds that operators install. */
  readonly objects: EstateHands;
  readonly called?: (name: string) => string;
  readonly stop: () => Promise<void>;
}

export function kindOf(group: string, plural: string, kind: string, version = 'v1'): ShelvedKind {
  return { group, version, plural, kind, namespaced: true };
}

export function builtIn(group: string, plural: string, kind: string): ShelvedKind {
  return { ...kindOf(group, plural, kind), namespaced: false };
}

/** What was said of a subject; fails the test when nothing was. */
export function told<Subject extends EstateSubject>(estate: Estate, subject: Subject): EstateViews[Subject] {
  const answer = estate[subject];
  if (answer.kind === 'silent') throw new Error(`${subject}: ${answer.why}`);
  return answer.value;
}

export type Get = () => {
  readonly under: EstateUnderTest;
  readonly taken: (settings?: Partial<KubernetesSettings>) => Promise<Estate>;
};

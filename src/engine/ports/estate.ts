// What a full pre-flight asks Kubernetes, one method per subject. Implemented by src/kubernetes and by the playground's double.
import type { EstateSubject, EstateViews } from '../../cluster/estate/estate.ts';

/** Reads only; each throws Fault. A subject whose kinds are not installed answers null. Lists are read page by page. */
export type EstateReader = {
  readonly [Subject in EstateSubject]: (signal: AbortSignal) => Promise<EstateViews[Subject]>;
};

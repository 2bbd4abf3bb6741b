// What a rollout does in Kubernetes, and whether we may: asked of Kubernetes itself, before anything depends on it.
import type { AccessView } from '../../cluster/estate/platform.ts';
import type { KubernetesConnection } from '../connection.ts';

interface Act {
  readonly verb: string;
  readonly resource: string;
  readonly subresource?: string;
}

/** Everything the drain and the restoring of nodes call (kubernetes.md 6.2). */
const NEEDED: readonly Act[] = [
  { verb: 'list', resource: 'nodes' },
  { verb: 'get', resource: 'nodes' },
  { verb: 'patch', resource: 'nodes' },
  { verb: 'list', resource: 'pods' },
  { verb: 'get', resource: 'pods' },
  { verb: 'create', resource: 'pods', subresource: 'eviction' },
];

/** Throws Fault. A review changes nothing, though its verb is create. */
export async function accessViews(connection: KubernetesConnection): Promise<readonly AccessView[]> {
  return Promise.all(
    NEEDED.map(async ({ verb, resource, subresource }) => {
      const attributes = { verb, resource, group: '', ...(subresource === undefined ? {} : { subresource }) };
      const review = await connection.read('whether the bot may act', ({ authorization }) =>
        authorization.createSelfSubjectAccessReview({
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SelfSubjectAccessReview',
            spec: { resourceAttributes: attributes },
          },
        }),
      );
      const what = subresource === undefined ? resource : `${resource}/${subresource}`;
      return { act: `${verb} ${what}`, allowed: review.status?.allowed === true };
    }),
  );
}

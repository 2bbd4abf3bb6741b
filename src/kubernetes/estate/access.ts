// What a rollout does in Kubernetes, and whether we may: asked of Kubernetes itself, before anything depends on it.
import type { AccessView } from '../../cluster/estate/platform.ts';
import type { Reads } from '../reads.ts';
import { type Act, actsFor, actText, type Uses } from '../rights.ts';

/**
 * Throws Fault. A review changes nothing, though its verb is create. Of a group that is not served nothing is asked: that what the
 * policy wants is not installed is for other checks to say.
 */
export async function accessViews(
  connection: Reads,
  uses: Uses,
  served: () => Promise<ReadonlyMap<string, string>>,
): Promise<readonly AccessView[]> {
  const acts = actsFor(uses);
  const groups = acts.some(({ group }) => group !== '') ? await served() : new Map<string, string>();
  return Promise.all(
    acts
      .filter(({ group }) => group === '' || groups.has(group))
      .map(async (act) => ({ act: actText(act), allowed: await mayAct(connection, act) })),
  );
}

/** Whether Kubernetes would let us. Throws Fault. */
export async function mayAct(connection: Reads, act: Act): Promise<boolean> {
  const review = await connection.read('whether the bot may act', ({ authorization }) =>
    authorization.createSelfSubjectAccessReview({
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: act },
      },
    }),
  );
  return review.status?.allowed === true;
}

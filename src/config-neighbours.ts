// What a cluster's configuration says of others who are to leave the cluster alone for the time of a rollout.
import { z } from 'zod';
import type { NeighbourPolicy, NeighbourSelector } from './cluster/neighbour.ts';

const pattern = z
  .string()
  .regex(
    /^[a-z0-9.*-]{1,253}$/,
    'expects a name of small letters, digits and dashes, with * for any characters',
  );

const chosenBy = {
  namespace: pattern.optional(),
  name: pattern.optional(),
  labels: z.record(z.string().min(1), z.string()).default({}),
};

type Written = {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
};

/** All of a cluster's neighbours is something to be said, not something to slip into. */
function saysSomething({ namespace, name, labels }: Written): boolean {
  return namespace !== undefined || name !== undefined || Object.keys(labels).length > 0;
}

const NOTHING = 'expects namespace, name or labels to choose by; name: "*" chooses all';

const flux = z
  .strictObject({
    kind: z.enum(['Kustomization', 'HelmRelease'], 'expects Kustomization or HelmRelease').optional(),
    ...chosenBy,
  })
  .refine(saysSomething, NOTHING);

const argo = z.strictObject(chosenBy).refine(saysSomething, NOTHING);

export const neighbours = z
  .strictObject({ flux: z.array(flux).default([]), argo: z.array(argo).default([]) })
  .optional()
  .transform(
    (written): NeighbourPolicy | undefined =>
      written && {
        flux: written.flux.map(({ kind = null, ...rest }) => ({ kind, ...selectorOf(rest) })),
        argo: written.argo.map((one) => ({ kind: 'Application', ...selectorOf(one) })),
      },
  );

function selectorOf({ namespace, name, labels }: Written): Omit<NeighbourSelector, 'kind'> {
  return { namespace: namespace ?? null, name: name ?? null, labels };
}

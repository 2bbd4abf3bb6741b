// The health checks of a cluster's configuration, in tuppr's format, compiled while the file is read.
import { z } from 'zod';
import { duration } from './config-duration.ts';
import { compile, type Expression } from './kubernetes/estate/expression.ts';
import type { HealthCheck } from './kubernetes/estate/health.ts';

/** More than this is a monitoring system, and every one is asked before every rollout. */
const MAX_CHECKS = 50;

/** As long as tuppr waits. */
const TIMEOUT_MS = 600_000;

const labels = z.record(z.string(), z.string());

const requirement = z
  .strictObject({
    key: z.string().min(1),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
    values: z.array(z.string()).default([]),
  })
  .refine(
    ({ operator, values }) => operator.endsWith('In') === values.length > 0,
    'expects values for In and NotIn, and none for Exists and DoesNotExist',
  );

/** As Kubernetes writes it, or in the short form of kubectl. */
const selector = z.union(
  [
    z.string().min(1),
    z.strictObject({ matchLabels: labels.default({}), matchExpressions: z.array(requirement).default([]) }),
  ],
  { error: 'expects matchLabels and matchExpressions, or a text such as app=web' },
);

const expression = z.string().transform((text, context): Expression => {
  const compiled = compile(text);
  if (compiled.kind === 'expression') return compiled.expression;
  context.addIssue({ code: 'custom', message: compiled.sentence });
  return z.NEVER;
});

const check = z
  .strictObject({
    apiVersion: z.string().regex(/^([a-z0-9.-]+\/)?v[a-z0-9]+$/, 'expects an API version such as apps/v1'),
    kind: z.string().regex(/^[A-Z][A-Za-z0-9]*$/, 'expects a kind such as Deployment'),
    name: z.string().min(1).optional(),
    namespace: z.string().min(1).optional(),
    labelSelector: selector.optional(),
    expr: expression,
    timeout: duration.default(TIMEOUT_MS),
    description: z.string().min(1).max(200).optional(),
  })
  .refine(({ name, labelSelector }) => name === undefined || labelSelector === undefined, {
    message: 'excludes name: one object has one name',
    path: ['labelSelector'],
  });

export const healthChecks = z
  .array(check)
  .max(MAX_CHECKS)
  .default([])
  .transform((written) => written.map(checkOf))
  .superRefine((checks, context) => {
    const known = new Map<string, number>();
    for (const [at, { name }] of checks.entries()) {
      const first = known.get(name);
      known.set(name, first ?? at);
      if (first === undefined) continue;
      const message = `is called "${name}", as healthChecks.${first} is: give one of them a description of its own`;
      context.addIssue({ code: 'custom', message, path: [at] });
    }
  });

function checkOf(written: z.infer<typeof check>): HealthCheck {
  const { apiVersion, kind, name = null, namespace = null, labelSelector, expr, timeout } = written;
  const selector = labelSelector === undefined ? null : selectorText(labelSelector);
  const object = { namespace, name };
  return {
    name: written.description ?? nameOf({ kind, object, selector }),
    ...{ apiVersion, kind, object, selector },
    expression: expr,
    timeoutMs: timeout,
  };
}

/** `Deployment`, `Deployment shop/web`, `Deployment in shop with tier=critical`: what people know it by who gave it no description. */
function nameOf({ kind, object, selector }: Pick<HealthCheck, 'kind' | 'object' | 'selector'>): string {
  const { namespace, name } = object;
  if (name !== null) return `${kind} ${namespace === null ? name : `${namespace}/${name}`}`;
  const where = namespace === null ? '' : ` in ${namespace}`;
  return `${kind}${where}${selector === null ? '' : ` with ${selector}`}`;
}

/** The short form, which the API takes. */
function selectorText(written: z.infer<typeof selector>): string {
  if (typeof written === 'string') return written;
  return [
    ...Object.entries(written.matchLabels).map(([key, value]) => `${key}=${value}`),
    ...written.matchExpressions.map(({ key, operator, values }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
    }),
  ].join(',');
}

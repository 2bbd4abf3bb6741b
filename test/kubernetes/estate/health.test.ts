// The policy's health checks: every object must fulfil the expression; what cannot be read is unknown.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../src/engine/ports/fault.ts';
import { compile } from '../../../src/kubernetes/estate/expression.ts';
import { type FindObjects, type HealthCheck, healthOf } from '../../../src/kubernetes/estate/health.ts';

function aCheck(changed: Partial<HealthCheck> = {}): HealthCheck {
  const compiled = compile('status.ready == true');
  if (compiled.kind === 'mistake') throw new Error(compiled.sentence);
  return {
    name: 'databases',
    apiVersion: 'db.example/v1',
    kind: 'Database',
    object: { namespace: null, name: null },
    selector: null,
    expression: compiled.expression,
    timeoutMs: 600_000,
    ...changed,
  };
}

const database = (name: string, status: object) => ({ metadata: { namespace: 'shop', name }, status });
const finds = (...objects: readonly ReturnType<typeof database>[]): FindObjects =>
  async function* () {
    yield objects;
  };
const fails = (fault: Fault): FindObjects =>
  async function* () {
    yield await Promise.reject<readonly never[]>(fault);
  };

describe('a health check', () => {
  it.each([
    ['all are ready', aCheck(), finds(database('a', { ready: true })), 'healthy', '1 Database fulfil it'],
    [
      'one is not',
      aCheck(),
      finds(database('a', { ready: true }), database('b', { ready: false })),
      'unhealthy',
      'Database shop/b does not fulfil status.ready == true',
    ],
    [
      'one does not say',
      aCheck(),
      finds(database('a', {}), database('b', { ready: false })),
      'unknown',
      'shop/a',
    ],
    ['there are none', aCheck(), finds(), 'healthy', 'there is no Database'],
    [
      'a selector matches none',
      aCheck({ selector: 'app=db' }),
      finds(),
      'unhealthy',
      'no Database matches app=db',
    ],
    [
      'the named one does not exist',
      aCheck({ object: { namespace: 'shop', name: 'main' } }),
      fails(new Fault('missing', 'not found.')),
      'unhealthy',
      'Database main does not exist',
    ],
    [
      'the kind is not served',
      aCheck(),
      fails(new Fault('missing', 'no such kind.')),
      'unknown',
      'no such kind',
    ],
    ['Kubernetes is away', aCheck(), fails(new Fault('unreachable', 'it is away.')), 'unknown', 'it is away'],
  ])('when %s', async (_when, check, find, verdict, detail) => {
    const [view] = await healthOf([check], find, new AbortController().signal);
    expect(view).toMatchObject({ name: 'databases', verdict });
    expect(view?.detail).toContain(detail);
  });
});

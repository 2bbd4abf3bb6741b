// CEL about Kubernetes objects: what is a mistake when the configuration is read, and what nobody can say when it is asked.
import { describe, expect, it } from 'vitest';
import {
  compile,
  EVALUATION_MS,
  type Expression,
  type Verdict,
} from '../../../src/kubernetes/estate/expression.ts';

const DEPLOYMENT = {
  metadata: { name: 'web', labels: { tier: 'front' } },
  spec: { replicas: 3 },
  status: {
    readyReplicas: 3,
    ratio: 0.5,
    conditions: [
      { type: 'Available', status: 'True' },
      { type: 'Progressing', status: 'False' },
    ],
  },
};

function compiled(text: string): Expression {
  const result = compile(text);
  if (result.kind === 'mistake') throw new Error(result.sentence);
  return result.expression;
}

/** As long as nothing is slow. */
const SLICE_MS = 60_000;

function verdictOf(expression: Expression, object: object): Verdict {
  const [verdict] = expression.asks([object], SLICE_MS);
  if (verdict === undefined) throw new Error('it was not asked');
  return verdict;
}

describe('a CEL expression', () => {
  it.each([
    ['status.readyReplicas == 3', 'true'],
    ['status.readyReplicas == object.spec.replicas', 'true'],
    ['status.readyReplicas > 3', 'false'],
    ['status.ratio < 0.6', 'true'],
    ['status.conditions.exists(c, c.type == "Available" && c.status == "True")', 'true'],
    ['status.conditions.filter(c, c.type == "Available").all(c, c.status == "True")', 'true'],
    ['object.metadata.labels["tier"].startsWith("fr")', 'true'],
    ['has(status.unavailable) && status.unavailable > 0', 'false'],
    ['!has(status.unavailable)', 'true'],
  ])('is answered: %s is %s', (text, verdict) => {
    expect(verdictOf(compiled(text), DEPLOYMENT).kind).toBe(verdict);
  });

  it.each([
    ['status.missing == 1', /missing/],
    ['object.metadata.name.size() == status.missing', /missing/],
    ['status', /neither true nor false/],
  ])('is unknown, not false, when a field is missing or gives no yes or no: %s', (text, why) => {
    const verdict = verdictOf(compiled(text), DEPLOYMENT);
    expect(verdict.kind).toBe('unknown');
    expect(verdict.kind === 'unknown' ? verdict.why : '').toMatch(why);
  });

  it('sees an empty status where there is none', () => {
    expect(verdictOf(compiled('!has(status.phase)'), { metadata: {} })).toEqual({ kind: 'true' });
  });

  it.each([
    ['status.conditions.all(c, c.status == "True"', /no CEL expression/],
    ['1 + 1', /type int/],
    ['nothing == 1', /cannot be true/],
    [`status.a == "${'x'.repeat(2_000)}"`, /longer than 2000/],
    [Array.from({ length: 300 }, (_, at) => `status.a${at} == 1`).join(' && '), /longer than|no CEL/],
  ])('is a mistake before it is asked: %s', (text, sentence) => {
    const result = compile(text);
    expect(result.kind === 'mistake' ? result.sentence : '').toMatch(sentence);
  });

  it('that would run for ever is given up, in words', () => {
    const endless = compiled('object.text.matches("(a+)+$")');
    const objects = [{ text: 'aa' }, { text: `${'a'.repeat(60)}!` }, { text: 'aa' }];
    const verdicts: Verdict[] = [];
    // A busy machine may not give it its time of a processor in the first of them.
    for (let sliceMs = 1_000; verdicts.length < 2; sliceMs *= 2)
      verdicts.push(...endless.asks(objects.slice(verdicts.length), sliceMs));
    expect(verdicts).toEqual([
      { kind: 'true' },
      { kind: 'unknown', why: `it took longer than ${EVALUATION_MS} ms` },
    ]);
  });

  it('has its own time of a processor: while the process was left standing still, it had none', () => {
    const named = compiled('object.name == "a"');
    let standsStill = true;
    const object = {
      get name() {
        if (standsStill) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4 * EVALUATION_MS);
        return 'a';
      },
    };
    expect(named.asks([object], 0)).toEqual([]);
    standsStill = false;
    expect(named.asks([object], SLICE_MS)).toEqual([{ kind: 'true' }]);
  });

  it('is asked about many objects in one go, in their order', () => {
    const names = Array.from({ length: 1_000 }, (_, at) => ({ status: { even: at % 2 === 0 } }));
    const verdicts = compiled('status.even').asks(names, SLICE_MS);
    expect(verdicts.map(({ kind }) => kind === 'true')).toEqual(names.map(({ status }) => status.even));
  });

  it('is asked about one object at least, however little time there is', () => {
    expect(compiled('status.a == 1').asks([{ status: { a: 1 } }, {}], 0)).toEqual([{ kind: 'true' }]);
  });
});

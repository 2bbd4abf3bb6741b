// Health checks share a process with rollouts in hand: they take turns with everything else, and end whatever they are asked.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../../src/engine/ports/fault.ts';
import { compile, type Expression } from '../../../src/kubernetes/estate/expression.ts';
import { type FindObjects, type HealthCheck, healthOf } from '../../../src/kubernetes/estate/health.ts';

/** An expression whose slices are told: how many objects each takes, and what happens in it. */
function anExpression(takes: number, during: () => void = () => undefined): Expression {
  return {
    text: 'true',
    asks: (objects) => {
      during();
      return objects.slice(0, takes).map(() => ({ kind: 'true' }));
    },
  };
}

function aCheck(name: string, expression: Expression): HealthCheck {
  const what = { apiVersion: 'v1', kind: 'Pod', object: { namespace: null, name: null } };
  return { name, ...what, selector: null, expression, timeoutMs: 1_000 };
}

const pods = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ metadata: { namespace: 'shop', name: `p-${at}` } }));
const finds = (...pages: readonly (readonly object[])[]): FindObjects =>
  async function* () {
    for (const page of pages) yield page.map((object) => ({ ...object }));
  };
const verdictsOf = async (checks: readonly HealthCheck[], find: FindObjects, signal?: AbortSignal) =>
  (await healthOf(checks, find, signal ?? new AbortController().signal)).map(({ verdict, detail }) => [
    verdict,
    detail,
  ]);

/** A clock of whole milliseconds that only moves when it is told to. */
function aStillClock(): (ms: number) => void {
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  return (ms) => {
    nowMs += ms;
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('between two slices', () => {
  it('everything else in the process gets its turn, of how many checks and readings they may be', async () => {
    let turn = 0;
    let over = false;
    const others = (): void => {
      turn += 1;
      if (!over) setImmediate(others);
    };
    setImmediate(others);
    const sliced: number[] = [];
    const check = (name: string) =>
      aCheck(
        name,
        anExpression(1, () => sliced.push(turn)),
      );
    const find = finds(pods(3), pods(2));
    await Promise.all([
      verdictsOf([check('a'), check('b')], find),
      verdictsOf([check('c')], find),
      verdictsOf([check('d')], find),
    ]);
    over = true;
    expect(sliced).toHaveLength(20);
    expect(new Set(sliced).size).toBe(20);
  });

  it('no object is left out and none is asked twice', async () => {
    const compiled = compile('object.metadata.name != "p-7"');
    if (compiled.kind === 'mistake') throw new Error(compiled.sentence);
    const { asks, text } = compiled.expression;
    const inTwos: Expression = { text, asks: (objects, sliceMs) => asks(objects.slice(0, 2), sliceMs) };
    expect(await verdictsOf([aCheck('a', inTwos)], finds(pods(5), pods(9)))).toEqual([
      ['unhealthy', `Pod shop/p-7 does not fulfil ${text}`],
    ]);
  });
});

describe('a health check ends', () => {
  it('when it took too long for all its objects, and says so', async () => {
    const passes = aStillClock();
    const slow = anExpression(1, () => passes(1_000));
    expect(await verdictsOf([aCheck('a', slow)], finds(pods(4)))).toEqual([
      ['unknown', 'it was given up after 3 s: ask about fewer objects, or something simpler'],
    ]);
  });

  it('when all of them together took too long', async () => {
    const passes = aStillClock();
    const slow = anExpression(1, () => passes(2_500));
    const checks = ['a', 'b', 'c', 'd', 'e'].map((name) => aCheck(name, slow));
    const verdicts = await verdictsOf(checks, finds(pods(1)));
    expect(verdicts.map(([verdict]) => verdict)).toEqual([...Array(4).fill('healthy'), 'unknown']);
    expect(verdicts.at(-1)?.[1]).toMatch(/given up, as all health checks together took 10 s/);
  });

  it('when it is about more objects than any check should be', async () => {
    aStillClock(); // However long so many take on a busy machine, it is not the time that ends this one.
    const page = pods(25_000);
    const all = anExpression(50_000);
    expect(await verdictsOf([aCheck('a', all)], finds(page, page))).toEqual([
      ['healthy', '50000 Pod fulfil it'],
    ]);
    expect(await verdictsOf([aCheck('a', all)], finds(page, page, pods(1)))).toEqual([
      ['unknown', 'there are more than 50000 Pod: choose fewer by namespace or labelSelector'],
    ]);
  });

  it('at the first object nobody can judge: no further page is read', async () => {
    const unsaid: Expression = { text: 'x', asks: () => [{ kind: 'unknown', why: 'no such field' }] };
    const read: number[] = [];
    const find: FindObjects = async function* () {
      for (let page = 1; page <= 3; page += 1) {
        read.push(page);
        yield pods(2);
      }
    };
    expect(await verdictsOf([aCheck('a', unsaid)], find)).toEqual([
      ['unknown', 'Pod shop/p-0: no such field'],
    ]);
    expect(read).toEqual([1]);
  });

  it('when nobody waits for it any more', async () => {
    const over = new AbortController();
    let slices = 0;
    const once = anExpression(9, () => {
      slices += 1;
      over.abort();
    });
    await verdictsOf(
      [aCheck('a', once), aCheck('b', once), aCheck('c', once)],
      finds(pods(1), pods(1)),
      over.signal,
    );
    expect(slices).toBe(1);
  });
});

describe('a list that the server forgot half way', () => {
  const forgetful = (times: number): FindObjects => {
    let starts = 0;
    return async function* () {
      starts += 1;
      yield pods(2);
      if (starts <= times) throw new Fault('missing', 'The list is too old.', { code: '410' });
      yield pods(1);
    };
  };

  it.each([
    [0, 'healthy', '3 Pod fulfil it'],
    [1, 'healthy', '3 Pod fulfil it'],
    [2, 'unknown', 'The list is too old'],
  ])('%d times is %s', async (times, verdict, detail) => {
    expect(await verdictsOf([aCheck('a', anExpression(9))], forgetful(times))).toEqual([[verdict, detail]]);
  });
});

describe('of many checks', () => {
  it('two at most read at a time', async () => {
    let now = 0;
    let most = 0;
    const find: FindObjects = async function* () {
      now += 1;
      most = Math.max(most, now);
      yield pods(2);
      now -= 1;
    };
    const checks = Array.from({ length: 10 }, (_, at) => aCheck(`c${at}`, anExpression(1)));
    await verdictsOf(checks, find);
    expect(most).toBe(2);
  });
});

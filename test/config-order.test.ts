// Who goes first and how long it is watched, as it may be written.
import { describe, expect, it } from 'vitest';
import { inCluster, LEAST, mistakesIn, settingsOf, text } from './a-configuration.ts';

const policyOf = (...lines: readonly string[]) =>
  settingsOf(lines.length === 0 ? text(...LEAST) : inCluster('policy:', ...lines.map((line) => `  ${line}`)))
    .clusters[0]?.policy;

describe('the order of machines', () => {
  it('is workers first, without a canary, and only a canary is watched', () => {
    expect(policyOf()).toMatchObject({
      order: 'workers-first',
      canary: {},
      soak: { workersMs: 0, canaryMs: 600_000, stagesMs: 0 },
    });
  });

  it('may be another one, with a canary of one’s own choice and soaks between', () => {
    expect(
      policyOf(
        'order: canary-then-control-plane',
        'canary: { node: w-3, rebootMode: powercycle }',
        'soak: { workers: 2m, canary: "0", stages: 1h }',
      ),
    ).toMatchObject({
      order: 'canary-then-control-plane',
      canary: { node: 'w-3', rebootMode: 'powercycle' },
      soak: { workersMs: 120_000, canaryMs: 0, stagesMs: 3_600_000 },
    });
  });

  it.each([
    ['order: alphabetical', 'policy.order'],
    ['canary: { node: "" }', 'policy.canary.node'],
    ['canary: { rebootMode: fast }', 'policy.canary.rebootMode'],
    ['soak: { workers: soon }', 'policy.soak.workers'],
    ['soak: { nodes: 5m }', 'policy.soak.nodes'],
  ])('is told when it cannot be: %s', (line, place) => {
    const [mistake, ...others] = mistakesIn(inCluster('policy:', `  ${line}`));
    expect(mistake).toContain(`clusters.prod.${place}:`);
    expect(others).toEqual([]);
  });
});

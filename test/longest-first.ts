// In which order files of tests are run: what takes minutes begins first, so that no worker waits for the last of them at the end.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that mostly wait beside those that mostly compute. */
const LONG: readonly string[] = [
  'playground/scenarios/scenarios.test.ts',
  'engine/resume-troubled.test.ts',
  'playground/scenarios/controls.test.ts',
  'engine/resume.test.ts',
  'bench/bench.test.ts',
  'soak/mutants.test.ts',
  'etcd/mutex.test.ts',
  'traps/traps.test.ts',
  'soak/soak.test.ts',
  'playground/scenarios/matrix.test.ts',
  'engine/resume-reads.test.ts',
  'engine/resume-later.test.ts',
  'engine/resume-outside.test.ts',
  'playground/scenarios/preflight-zoo.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    return usual.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}`));
  return at === -1 ? LONG.length : at;
}

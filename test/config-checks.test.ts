// What a policy may write about checks, and the sentence for what it may not.
import { describe, expect, it } from 'vitest';
import { checks } from '../src/config-checks.ts';

describe('the weights of checks in a policy', () => {
  it('are taken by name', () => {
    const written = { velero: 'block', 'single-replicas': 'off', flux: 'warn' };
    expect(checks.parse(written)).toEqual(written);
    expect(checks.parse(undefined)).toEqual({});
  });

  it.each([
    [{ valero: 'off' }, /is no check; they are .*velero/],
    [{ 'etcd-quorum': 'off' }, /guards a promise/],
    [{ velero: 'no' }, /block, warn or "off"/],
    [{ velero: false }, /block, warn or "off"/],
  ])('are refused with their reason: %o', (written, message) => {
    expect(
      checks
        .safeParse(written)
        .error?.issues.map((issue) => issue.message)
        .join(),
    ).toMatch(message);
  });
});

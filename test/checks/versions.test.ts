// The check of a target: legal from every machine, by the bot's table or with an operator's rows laid over it.
import { describe, expect, it } from 'vitest';
import { targetIsLegal } from '../../src/checks/versions.ts';
import { COMPATIBILITY, withOwnRows } from '../../src/cluster/compatibility.ts';
import { aCluster } from '../builders/snapshot.ts';

describe('the target of an upgrade', () => {
  it.each([
    ['one minor up', 'v1.13.9', 'v1.14.1', 'ok', 'in one hop'],
    ['one minor down', 'v1.13.9', 'v1.12.11', 'warning', 'is a downgrade'],
    ['three minors up', 'v1.11.6', 'v1.14.1', 'blocker', 'the next hop is v1.12.11'],
    ['a minor nobody knows', 'v1.15.0', 'v1.16.0', 'unknown', "not in this bot's compatibility table"],
    ['a build of its own', 'dev-build', 'v1.14.1', 'unknown', 'not a version'],
  ])('%s', (_, version, target, level, says) => {
    const [finding] = targetIsLegal(aCluster({ version }).build(), { target });
    expect(finding).toMatchObject({ level, sentence: expect.stringContaining(says) });
  });

  it.each([
    ['is too far one by one', 'one-by-one', 'v1.12.11', 'v1.14.1', 'blocker'],
    ['may be skipped to where the policy lets it', 'installer-limit', 'v1.12.11', 'v1.14.1', 'ok'],
    ['is too far for the installer in any case', 'installer-limit', 'v1.11.6', 'v1.14.1', 'blocker'],
  ] as const)('%s', (_, minors, version, target, level) => {
    const findings = targetIsLegal(aCluster({ version }).build(), { target, minors });
    expect(findings).toMatchObject([{ level }, ...findings.slice(1)]);
  });

  it('is judged by the rows of an operator as well', () => {
    const own = { hosts: { from: '1.14.0', below: '1.18.0' }, kubernetes: { from: '1.34', to: '1.39' } };
    const merged = withOwnRows(COMPATIBILITY, { '1.16': own });
    if (merged.kind !== 'table') throw new Error(merged.mistakes.join('\n'));
    const asked = { target: 'v1.16.0', compatibility: merged.table };
    expect(targetIsLegal(aCluster({ version: 'v1.15.0' }).build(), asked)).toMatchObject([{ level: 'ok' }]);
  });

  it('that is too far names the way, and one that is unknown where to write it down', () => {
    const [far] = targetIsLegal(aCluster({ version: 'v1.11.6' }).build(), { target: 'v1.14.1' });
    const [unknown] = targetIsLegal(aCluster({ version: 'v1.15.0' }).build(), { target: 'v1.16.0' });
    expect([far?.advice, unknown?.advice]).toEqual([
      expect.stringContaining('/talos path'),
      expect.stringContaining('releases.compatibility'),
    ]);
  });
});

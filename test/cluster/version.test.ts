// Version tags and hops: every row of the installer's own table at both its edges.
import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  hop,
  methodFor,
  minorOf,
  parseVersion,
  preserveFor,
  sameVersion,
} from '../../src/cluster/version.ts';

describe('parseVersion', () => {
  it.each([
    ['1.13.4', 'v1.13.4'],
    ['v1.13.4', 'v1.13.4'],
    [' v1.13.4 ', 'v1.13.4'],
    ['v1.14.0-rc.1', 'v1.14.0-rc.1'],
    ['1.13', null],
    ['latest', null],
    ['', null],
    ['v1.13.4; reboot', null],
  ])('reads %j as %j', (text, version) => {
    expect(parseVersion(text)).toBe(version);
  });
});

describe('comparing', () => {
  it.each([
    ['v1.9.10', 'v1.10.0', -1],
    ['v1.13.4', 'v1.13.4', 0],
    ['v1.14.0-rc.1', 'v1.14.0', -1],
    ['v1.14.0', 'v1.13.9', 1],
  ])('puts %s and %s in order', (a, b, order) => {
    expect(Math.sign(compareVersions(a, b))).toBe(order);
    expect(sameVersion(a, b)).toBe(order === 0);
  });

  it('takes texts that are no versions for the same only when they are equal', () => {
    expect(sameVersion('dev-build', 'v1.13.4')).toBe(false);
    expect(sameVersion('dev-build', 'dev-build')).toBe(true);
  });

  it('names the minor', () => {
    expect(minorOf('v1.10.2')).toBe('1.10');
  });
});

describe('methodFor', () => {
  it.each([
    ['v1.12.11', 'legacy'],
    ['v1.13.0-alpha.1', 'legacy'],
    ['v1.13.0-alpha.2', 'legacy'],
    ['v1.13.0-beta.0', 'lifecycle'],
    ['v1.13.0', 'lifecycle'],
    ['v1.14.0-rc.1', 'lifecycle'],
  ])('takes %s the %s way', (version, method) => {
    expect(methodFor(version)).toBe(method);
  });
});

describe('preserveFor', () => {
  it.each([
    ['v1.7.6', true],
    ['v1.8.0', false],
    ['v1.12.9', false],
  ])('keeps data of %s by asking for it: %s', (version, preserve) => {
    expect(preserveFor(version)).toBe(preserve);
  });
});

describe('hop', () => {
  // target minor, oldest host (its own minor or the one before decides "skips"), first host refused as too new
  it.each([
    ['v1.9.6', 'v1.7.9', 'too old'],
    ['v1.9.6', 'v1.11.0', 'too new'],
    ['v1.10.9', 'v1.7.6', 'too old'],
    ['v1.10.9', 'v1.12.0', 'too new'],
    ['v1.11.6', 'v1.8.4', 'too old'],
    ['v1.11.6', 'v1.13.0', 'too new'],
    ['v1.12.11', 'v1.9.6', 'too old'],
    ['v1.12.11', 'v1.14.0', 'too new'],
    ['v1.13.9', 'v1.10.9', 'too old'],
    ['v1.13.9', 'v1.15.0', 'too new'],
    ['v1.14.0', 'v1.11.6', 'too old'],
    ['v1.14.0', 'v1.16.0', 'too new'],
    ['v1.15.0', 'v1.12.11', 'too old'],
    ['v1.9.6', 'v1.8.0-alpha.1', null],
  ])('to %s from %s is judged by the table: %s', (to, from, why) => {
    const judged = hop(from, to);
    if (why === null) expect(judged.kind).toBe('legal');
    else expect(judged).toMatchObject({ kind: 'illegal', why: expect.stringContaining(why) });
  });

  it.each([
    ['v1.13.4', 'v1.13.5', 'up'],
    ['v1.12.11', 'v1.13.5', 'up'],
    ['v1.13.5', 'v1.13.5', 'same'],
    ['v1.13.5', 'v1.13.4', 'down'],
    ['v1.13.5', 'v1.12.11', 'down'],
    ['v1.14.0-rc.1', 'v1.14.0', 'up'],
    ['v1.14.0', 'v1.14.0-rc.1', 'down'],
  ])('from %s to %s is legal and goes %s', (from, to, direction) => {
    expect(hop(from, to)).toEqual({ kind: 'legal', direction });
  });

  it('refuses to skip a minor that the table would let through, and names the one between', () => {
    expect(hop('v1.11.6', 'v1.13.9')).toMatchObject({
      kind: 'illegal',
      why: expect.stringContaining('skips Talos 1.12'),
    });
  });

  it.each([
    ['v1.15.0', 'v1.16.0'],
    ['v1.13.0', 'v2.0.0'],
    ['dev-build', 'v1.13.5'],
    ['v1.13.4', 'latest'],
  ])('does not pretend to know about %s → %s', (from, to) => {
    expect(hop(from, to).kind).toBe('unknown');
  });
});

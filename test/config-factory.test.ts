// The factory's part of the configuration: a host alone, or more.
import { describe, expect, it } from 'vitest';
import { factory } from '../src/config-factory.ts';

const PUBLIC = { host: 'factory.talos.dev', check: 'on', mirrors: {} };

describe('the factory', () => {
  it.each([
    ['nothing', undefined, PUBLIC],
    ['a host', 'factory.example.com', { ...PUBLIC, host: 'factory.example.com' }],
    ['a host with a port', '10.0.0.9:8080', { ...PUBLIC, host: '10.0.0.9:8080' }],
    ['an empty section', {}, PUBLIC],
    ['a check that is off', { check: 'off' }, { ...PUBLIC, check: 'off' }],
    [
      'mirrors, without a slash at the end',
      { mirrors: { 'ghcr.io': 'https://mirror.example.com/ghcr/' } },
      { ...PUBLIC, mirrors: { 'ghcr.io': 'https://mirror.example.com/ghcr' } },
    ],
  ])('%s', (_what, given, settings) => {
    expect(factory.parse(given)).toEqual(settings);
  });

  it.each([
    ['a URL', 'https://factory.talos.dev', /without https/, ''],
    ['a URL as host', { host: 'https://factory.talos.dev' }, /without https/, 'host'],
    ['a check that is neither', { check: 'maybe' }, /^check: .*on.*off/, ''],
    [
      'a mirror that is no URL',
      { mirrors: { 'ghcr.io': 'mirror.example.com' } },
      /expects a URL/,
      'mirrors.ghcr.io',
    ],
    ['a word nobody knows', { chek: 'on' }, /chek/, ''],
    ['a number', 5, /expects a registry host/, ''],
  ])('%s is told with its place', (_what, given, says, place) => {
    const { error } = factory.safeParse(given);
    expect(error?.issues.map(({ message }) => message).join()).toMatch(says);
    expect(error?.issues[0]?.path.join('.')).toBe(place);
  });
});

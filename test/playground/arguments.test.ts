// The demo's command line: every way to start it, and one sentence for each mistake.
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../playground/arguments.ts';

const words = (line: string): readonly string[] => line.split(' ').filter((word) => word !== '');
const usual = { seed: 1, size: null, rebootMs: null };

describe('the demo understands', () => {
  it.each([
    ['', { kind: 'demo', options: usual }],
    ['--help', { kind: 'help' }],
    ['--list -h', { kind: 'help' }],
    ['--list', { kind: 'list' }],
    ['--scenario matrix --seed 3', { kind: 'scenario', name: 'matrix', options: { ...usual, seed: 3 } }],
    [
      '--nodes 5+10 --reboot-ms 9',
      { kind: 'demo', options: { seed: 1, size: { controlPlanes: 5, workers: 10 }, rebootMs: 9 } },
    ],
    ['--only slack', { kind: 'only-slack' }],
    ['--only cluster --out lab', { kind: 'only-cluster', out: 'lab', options: usual }],
  ])('%j', (line, wish) => {
    expect(readArguments(words(line))).toEqual(wish);
  });
});

describe('the demo refuses', () => {
  it.each([
    ['--seeds 3', '"--seeds" is not an option of the demo.'],
    ['--seed', '--seed expects a value.'],
    ['--seed --list', '--seed expects a value.'],
    ['--seed 1 --seed 2', '--seed is there twice.'],
    ['--list --seed 2', '--seed does not go with --list.'],
    ['--scenario upgrade --only slack', '--only does not go with --scenario.'],
    ['--scenario upgrade --out lab', '--out does not go with --scenario.'],
    ['--only slack --nodes 3+3', '--nodes does not go with --only slack.'],
    ['--only cluster', '--only cluster expects --out DIR, where talosconfig and kubeconfig are written.'],
    ['--only half', '--only takes slack or cluster, not "half".'],
    ['--out lab', '--out belongs to --only cluster.'],
    ['--reboot-ms soon', '--reboot-ms expects a whole number of milliseconds.'],
  ])('%j in one sentence', (line, sentence) => {
    expect(readArguments(words(line))).toEqual({ kind: 'mistake', sentence });
  });
});

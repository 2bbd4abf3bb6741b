// Where a talosconfig is looked for when the configuration names none.
import { describe, expect, it } from 'vitest';
import { findTalosconfig } from '../src/config-talosconfig.ts';

const HOME = { HOME: '/home/bot' };
const AT_HOME = '/home/bot/.talos/config';
const MOUNTED = '/var/run/secrets/talos.dev/config';

const ROWS: readonly (readonly [
  what: string,
  environment: Readonly<Record<string, string>>,
  there: readonly string[],
  path: string,
  from: string,
])[] = [
  ['TALOSCONFIG first', { ...HOME, TALOSCONFIG: '/a' }, ['/a', AT_HOME, MOUNTED], '/a', 'TALOSCONFIG'],
  ['TALOSCONFIG even if it is not there', { ...HOME, TALOSCONFIG: '/a' }, [AT_HOME], '/a', 'TALOSCONFIG'],
  ['TALOS_HOME then', { ...HOME, TALOS_HOME: '/t' }, ['/t/config', AT_HOME], '/t/config', 'TALOS_HOME'],
  ['the home folder', { ...HOME, TALOSCONFIG: '' }, [AT_HOME, MOUNTED], AT_HOME, 'home'],
  ['the mounted one last', HOME, [MOUNTED], MOUNTED, 'service-account'],
  [
    'TALOS_HOME instead of the home folder',
    { ...HOME, TALOS_HOME: '/t' },
    [AT_HOME, MOUNTED],
    MOUNTED,
    'service-account',
  ],
  ['the mounted one without a home', {}, [MOUNTED], MOUNTED, 'service-account'],
];

describe('without talos.config', () => {
  it.each(ROWS)('%s is taken', (_what, environment, there, path, from) => {
    expect(findTalosconfig(environment, (one) => there.includes(one))).toEqual({
      kind: 'found',
      place: { path, from },
    });
  });

  it('every place that was looked at is named when there is none, and how to make one', () => {
    expect(findTalosconfig(HOME, () => false)).toEqual({
      kind: 'nowhere',
      sentence: `there is none at ${AT_HOME} or ${MOUNTED}; make one with \`talosctl config new ./talosconfig --roles os:admin --crt-ttl 8760h\``,
    });
  });
});

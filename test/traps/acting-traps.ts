// Traps 25 to 29: acts that may not be repeated, and what may come of them.
import type { Trap } from './trap.ts';

export const ACTING_TRAPS: readonly Trap[] = [
  {
    trap: 25,
    sentence: 'a rollback that is sent twice goes forward again',
    guards: [
      {
        by: 'looks whether a rollback in doubt did happen before it is sent again',
        test: {
          file: 'test/engine/step.test.ts',
          name: 'an act in doubt > that did happen is seen, and not sent again: $kind',
        },
        mutant: {
          file: 'src/engine/steps/departures.ts',
          find: "typeof doubted === 'string' && requireBootId(machine, node.name) !== doubted",
          replace: 'false',
        },
      },
      {
        by: 'sends an act once, whatever came back',
        test: {
          file: 'test/talos/acts.test.ts',
          name: 'an act > answered %i "%s" is %s, and is not sent again',
        },
        mutant: {
          file: 'src/talos/acts.ts',
          find: 'const value = await send(proven);',
          replace: 'const value = await send(proven).catch(() => send(proven));',
        },
      },
    ],
  },
  {
    trap: 26,
    sentence:
      'the answer to a reboot, an upgrade or a rollback can be lost, and none of them may be sent twice',
    guards: [
      {
        by: 'calls an act lost when its connection breaks, never withdrawn',
        test: {
          file: 'test/talos/acts.test.ts',
          name: 'an act > whose connection breaks before the answer is lost, and is not sent again',
        },
        mutant: {
          file: 'src/talos/acts.ts',
          find: "begun() ? 'lost' : endOfAct(error)",
          replace: "'withdrawn' as const",
        },
      },
      {
        by: 'settles a lost act by what the machine shows',
        test: {
          file: 'test/engine/step.test.ts',
          name: 'an act that may be sent once > whose reply is lost is observed and not sent again: %s',
        },
        mutant: {
          file: 'src/engine/steps/install.ts',
          find: "return { kind: 'lost' };",
          replace: "return { kind: 'withdrawn', why: '' };",
        },
      },
      {
        by: 'resets the connection of an act it gave up, so that it cannot arrive later',
        test: {
          file: 'test/talos/acts.test.ts',
          name: 'into a black hole > an act that was given up never arrives, even when the network heals',
        },
        mutant: { file: 'src/talos/socket.ts', find: 'this.#socket?.resetAndDestroy();', replace: '' },
      },
    ],
  },
  {
    trap: 27,
    sentence:
      'in maintenance mode a machine answers with a certificate of its own; with a configuration it refuses it never runs',
    guards: [
      {
        by: 'recognises the foreign certificate',
        test: {
          file: 'test/talos/acts.test.ts',
          name: 'an act > is withdrawn when the machine answers with a foreign certificate',
        },
        mutant: {
          file: 'src/talos/fault.ts',
          find: 'self.signed certificate|certificate signature failure|unable to',
          replace: 'no such text|unable not to',
        },
      },
      {
        by: 'holds a node that comes back in maintenance mode',
        test: {
          file: 'test/engine/drain.test.ts',
          name: 'a node that comes back > in maintenance mode is held at once, and says so',
        },
        mutant: {
          file: 'src/engine/steps/seen.ts',
          find: 'STRANGE.includes(error.code)',
          replace: 'false',
        },
      },
      {
        by: 'shows why a machine refuses its configuration',
        test: {
          file: 'test/talos/config-events.test.ts',
          name: 'a configuration that a machine refuses is shown in its own words',
        },
        mutant: {
          file: 'src/talos/progress.ts',
          find: 'ConfigLoadErrorEvent: (',
          replace: 'ConfigLoadErrorEventUnread: (',
        },
      },
    ],
  },
  {
    trap: 28,
    sentence:
      'the same version may still need an installation, which may overwrite the system that runs; one that failed may have done so',
    guards: [
      {
        by: 'leaves a machine alone that has the version and the schematic',
        test: { file: 'test/cluster/image.test.ts', name: 'what must change > is %s' },
        mutant: {
          file: 'src/cluster/image.ts',
          find: '(choice.schematic ?? PLAIN_SCHEMATIC) !== plainly(machine);',
          replace: 'true;',
        },
      },
      {
        by: 'refuses to let an old installer overwrite the running system',
        test: {
          file: 'test/cluster/image.test.ts',
          name: 'another schematic > at the same version %s, secure boot %s → %s',
        },
        mutant: {
          file: 'src/cluster/image.ts',
          find: 'if (why !== null) return refused(why);',
          replace: '',
        },
      },
      {
        by: 'promises no version to roll back to after an installation that failed',
        test: {
          file: 'test/engine/previous.test.ts',
          name: 'what a node would go back to > is not known any more after an installation that failed: it may have overwritten the other boot entry',
        },
        mutant: {
          file: 'src/engine/planning.ts',
          find: "step.repeat === 'never' && (rollout.begins.get(step.id) ?? 0) > 0",
          replace: 'false',
        },
      },
    ],
  },
  {
    trap: 29,
    sentence:
      'an etcd that has run out of connections keeps a legacy upgrade waiting until the client gives up',
    guards: [
      {
        by: 'gives up after 25 minutes',
        test: {
          file: 'test/talos/every-call.test.ts',
          name: 'every call > of the legacy upgrade is over after 25 minutes, however long etcd keeps the machine waiting',
        },
        mutant: {
          file: 'src/talos/restart.ts',
          find: 'LEGACY_UPGRADE_LIMIT_MS = 25 * 60_000',
          replace: 'LEGACY_UPGRADE_LIMIT_MS = 24 * 60 * 60_000',
        },
      },
    ],
  },
];

// What the negative controls take away where processes die, Redis goes away, and machines come back otherwise than they should.
import { type BotSettings, startBotProcess } from '../../../playground/bot-process.ts';
import { type Fault, faultOf } from '../../../src/engine/ports/fault.ts';
import type { RolloutEvent } from '../../../src/rollout/event.ts';
import type { Control, Launch } from './control.ts';
import { bound, withAppend } from './journal-replaced.ts';
import { withMachines } from './machines-replaced.ts';
import { launchReplaced, type Replace, withWork } from './replaced-bot.ts';

/** Nothing is ever due: the guard that the sweep finds what nobody drives any more. */
const neverDue: Replace = (parts) => ({
  ...parts,
  journal: { ...bound(parts.journal), due: async () => [] },
});

/** Whoever is started in the place of another one takes no rollout: the guard that a successor takes over. */
function heirless(): Launch {
  const known = new Set<string>();
  const idle: Replace = (parts) => ({
    ...parts,
    journal: { ...bound(parts.journal), take: async () => ({ kind: 'held-elsewhere' }) },
  });
  return (settings: BotSettings) => {
    const isFirst = !known.has(settings.name ?? '');
    known.add(settings.name ?? '');
    return isFirst ? startBotProcess(settings) : launchReplaced(idle)(settings);
  };
}

/** The second bot knows no rollout but by hearsay: the guard that any of them handles any click, because nothing is kept in memory. */
const strangerToRollouts: Launch = (settings: BotSettings) =>
  settings.name === 'bot-2'
    ? launchReplaced((parts) => ({ ...parts, journal: { ...bound(parts.journal), read: async () => [] } }))(
        settings,
      )
    : startBotProcess(settings);

/** Who was away once is never asked again: the guard that a rollout goes on when Redis is back. */
const unforgiving: Replace = (parts) => {
  let gone: Fault | null = null;
  const journal = new Proxy(bound(parts.journal), {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        if (gone !== null) throw gone;
        try {
          return await Reflect.apply(member, target, args);
        } catch (error) {
          gone = faultOf(error);
          throw error;
        }
      };
    },
  });
  return { ...parts, journal };
};

/** Whoever answers counts as ready: the guard that a node which is not ready is not back. */
const content: Replace = withWork((work) => ({
  ...work,
  machines: {
    ...work.machines,
    look: async (address, options) => ({
      ...(await work.machines.look(address, options)),
      stage: 'running',
      ready: true,
      unmet: [],
    }),
  },
  workloads: {
    ...work.workloads,
    nodes: async () => (await work.workloads.nodes()).map((node) => ({ ...node, ready: true })),
  },
}));

/** What was restarted is believed to run what was installed: the guard that the version which came up is looked at. */
const trustful: Replace = withMachines((machines) => {
  const restarted = new Set<string>();
  return {
    reboot: (address, mode) => {
      restarted.add(address);
      return machines.reboot(address, mode);
    },
    look: async (address, options) => {
      const seen = await machines.look(address, options);
      return restarted.has(address) ? { ...seen, version: 'v1.13.5' } : seen;
    },
  };
});

/** A gate that would become void is passed with the proof of its card: the guard that it is proved again at the click. */
function satisfiedOnce(): Replace {
  let proof: Extract<RolloutEvent, { kind: 'gate-opened' }>['proof'] | null = null;
  return (parts) => ({
    ...parts,
    journal: withAppend(parts.journal, (event) => {
      if (event.kind === 'gate-opened') proof = event.proof;
      if (event.kind !== 'gate-voided' || proof === null) return event;
      return { kind: 'gate-passed', gate: event.gate, proof };
    }),
  });
}

export const REPLICA_CONTROLS: readonly Control[] = [
  ['kill-worker', 'what nobody drives is found', () => launchReplaced(neverDue)],
  ['kill-worker-reboot', 'what nobody drives is found', () => launchReplaced(neverDue)],
  ['kill-worker-drain', 'what nobody drives is found', () => launchReplaced(neverDue)],
  ['two-replicas', 'any bot handles any click', () => strangerToRollouts],
  ['two-replicas-die', 'what nobody drives is found', () => launchReplaced(neverDue)],
  ['two-replicas-replaced', 'a successor takes over', heirless],
  ['kill-redis', 'Redis is asked again', () => launchReplaced(unforgiving)],
  ['frozen-redis', 'Redis is asked again', () => launchReplaced(unforgiving)],
  ['never-ready', 'who is not ready is not back', () => launchReplaced(content)],
  ['fell-back', 'the version that came up is looked at', () => launchReplaced(trustful)],
  ['fell-back-control-plane', 'the version that came up is looked at', () => launchReplaced(trustful)],
  ['fell-back-again', 'the version that came up is looked at', () => launchReplaced(trustful)],
  ['second-reboot', 'a gate is proved again at the click', () => launchReplaced(satisfiedOnce())],
];

// Traps 9 to 15: what an upgrade comes to, and the two generations of the API.
import type { Trap } from './trap.ts';

export const UPGRADING_TRAPS: readonly Trap[] = [
  {
    trap: 9,
    sentence: 'a new boot with the right version is not a node that is back',
    guards: [
      {
        by: 'calls no node whole that is not Ready in Kubernetes',
        test: {
          file: 'test/rollout/departure.test.ts',
          name: 'the departure of a node that is upgraded > with %s',
        },
        mutant: {
          file: 'src/rollout/ailments.ts',
          find: "else if (!workload.ready) whys.push('is not Ready in Kubernetes');",
          replace: '',
        },
      },
      {
        by: 'waits until its etcd member votes',
        test: {
          file: 'test/engine/drain.test.ts',
          name: 'a node that comes back > as an etcd learner is not back',
        },
        mutant: {
          file: 'src/engine/steps/return.ts',
          find: ', ...(await etcdAilments(context))',
          replace: '',
        },
      },
      {
        by: 'waits until the machine is ready',
        test: {
          file: 'test/engine/drain.test.ts',
          name: 'a node that comes back > and never gets ready is held with what it waits for, and goes on once it is',
        },
        mutant: {
          file: 'src/rollout/ailments.ts',
          find: "machine.stage !== 'running' || !machine.ready",
          replace: 'false',
        },
      },
    ],
  },
  {
    trap: 10,
    sentence: 'ready is true in every stage in which nothing is checked',
    guards: [
      {
        by: 'asks for the stage beside ready before it calls a node whole',
        test: {
          file: 'test/rollout/departure.test.ts',
          name: 'the departure of a node that is upgraded > with %s',
        },
        mutant: {
          file: 'src/rollout/ailments.ts',
          find: "machine.stage !== 'running' || !machine.ready",
          replace: '!machine.ready',
        },
      },
      {
        by: 'asks for the stage beside ready before a plan is made',
        test: { file: 'test/checks/checks.test.ts', name: 'the checks > $check.name: $what → $level' },
        mutant: {
          file: 'src/checks/machines.ts',
          find: "machine.stage === 'running' && machine.ready",
          replace: 'machine.ready',
        },
      },
    ],
  },
  {
    trap: 11,
    sentence: 'a new boot with the old version is an upgrade that failed and was rolled back',
    guards: [
      {
        by: 'holds a node that comes back with its old version',
        test: {
          file: 'test/engine/drain.test.ts',
          name: 'a node that comes back > with the old version is held: Talos fell back',
        },
        mutant: {
          file: 'src/engine/steps/return.ts',
          find: 'expected !== null && !sameVersion(machine.version, expected)',
          replace: 'false',
        },
      },
      {
        by: 'waits for the second restart of a staged upgrade',
        test: {
          file: 'test/engine/staged.test.ts',
          name: 'a staged upgrade up to 1.12 > is not taken for fallen back while its first boot is seen, and restarts a second time',
        },
        mutant: {
          file: 'src/engine/steps/departures.ts',
          find: "step.params['stage'] === true && machine.stage !== 'running'",
          replace: 'false',
        },
      },
    ],
  },
  {
    trap: 12,
    sentence:
      'the exit code of an installation comes in a stream that is OK either way, or does not come at all',
    guards: [
      {
        by: 'calls an installation lost whose stream ends without an exit code',
        test: {
          file: 'test/talos/install.test.ts',
          name: 'an installation > whose stream ends without an exit code is lost',
        },
        mutant: {
          file: 'src/talos/acts.ts',
          find: "throw new Fault('broken', ",
          replace: "return { exitCode: 0, lastLines: [] } as T; throw new Fault('broken', ",
        },
      },
      {
        by: 'reads the exit code',
        test: {
          file: 'test/engine/step.test.ts',
          name: 'an installer that fails > holds the rollout with its own words, and runs again when a person says so',
        },
        mutant: {
          file: 'src/engine/steps/install.ts',
          find: 'reply.value.exitCode === 0',
          replace: 'true',
        },
      },
    ],
  },
  {
    trap: 13,
    sentence: 'from 1.13 on nothing in Talos protects etcd: the client is the only guard',
    guards: [
      {
        by: 'lets a node go only when etcd survives it',
        test: {
          file: 'test/rollout/departure.test.ts',
          name: 'the departure of a node that is upgraded > with %s',
        },
        mutant: {
          file: 'src/rollout/departure.ts',
          find: "...(quorum.kind === 'fails' ? quorum.whys : []),",
          replace: '',
        },
      },
      {
        by: 'lets no second node go while one is away',
        test: {
          file: 'test/rollout/departure.test.ts',
          name: 'while another node is away by our hand > nobody follows %s before it is whole',
        },
        mutant: {
          file: 'src/rollout/departure.ts',
          find: '...stillAway(rollout, lane, snapshot),',
          replace: '',
        },
      },
      {
        by: 'proves it once more right before the node leaves',
        test: {
          file: 'test/engine/gates.test.ts',
          name: 'right before the node leaves > it is held when the proof does not come back',
        },
        mutant: {
          file: 'src/engine/prove.ts',
          find: 'troubled(step, (await prove(context, lane)).departure)',
          replace: 'troubled(step, (await identify(context, lane)).departure)',
        },
      },
      {
        by: 'waits while somebody else holds the mutex by which Talos keeps upgrades apart',
        test: {
          file: 'test/engine/mutex.test.ts',
          name: 'a mutex that somebody else holds > keeps the rollout out, with the sentence who has it, and lets it go on when it is free',
        },
        mutant: {
          file: 'src/engine/mutex-need.ts',
          find: "case 'elsewhere':",
          replace: "case 'elsewhere':\n      return CLEAR;",
        },
      },
    ],
  },
  {
    trap: 14,
    sentence:
      'a legacy upgrade that fails after its ack shows only as the old version in a new boot, with the services stopped',
    guards: [
      {
        by: 'sees the old version in a new boot',
        test: {
          file: 'test/engine/drain.test.ts',
          name: 'a legacy upgrade whose installer fails > shows only as a node that came back with the old version',
        },
        mutant: {
          file: 'src/engine/steps/return.ts',
          find: 'expected !== null && !sameVersion(machine.version, expected)',
          replace: 'false',
        },
      },
      {
        by: 'tells what the machine reported of it',
        test: {
          file: 'test/engine/manner.test.ts',
          name: 'what a machine says of a failed upgrade > is in the sentence with which its return fails',
        },
        mutant: {
          file: 'src/engine/steps/departures.ts',
          find: 'return this.#ours === null ? {} : { reported: this.#ours };',
          replace: 'return {};',
        },
      },
      {
        by: 'asks before anything stops whether the installer will take the host',
        test: {
          file: 'test/checks/checks.test.ts',
          name: 'pre-flight > never stops at the first trouble',
        },
        mutant: { file: 'src/checks/checklist.ts', find: '\n  targetIsLegal,', replace: '' },
      },
    ],
  },
  {
    trap: 15,
    sentence:
      'up to 1.7 preserve=false wipes the data, and later preserve=true switches the checks of etcd off',
    guards: [
      {
        by: 'asks only machines up to 1.7 to preserve',
        test: {
          file: 'test/cluster/version.test.ts',
          name: 'preserveFor > keeps data of %s by asking for it: %s',
        },
        mutant: {
          file: 'src/cluster/version.ts',
          find: "return lt(semver(running), '1.8.0');",
          replace: 'return true;',
        },
      },
      {
        by: 'does ask those to preserve',
        test: {
          file: 'test/cluster/version.test.ts',
          name: 'preserveFor > keeps data of %s by asking for it: %s',
        },
        mutant: {
          file: 'src/cluster/version.ts',
          find: "return lt(semver(running), '1.8.0');",
          replace: 'return false;',
        },
      },
    ],
  },
];

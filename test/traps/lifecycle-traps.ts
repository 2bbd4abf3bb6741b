// Traps 30 to 34: the lifecycle calls of 1.13 and later, where more is left to the client.
import { ROWS_OF_FAULTS, type Trap } from './trap.ts';

export const LIFECYCLE_TRAPS: readonly Trap[] = [
  {
    trap: 30,
    sentence: 'from 1.13 on nobody drains a node but the client, which needs Kubernetes for it',
    guards: [
      {
        by: 'plans nothing while Kubernetes does not answer',
        test: { file: 'test/checks/checks.test.ts', name: 'the checks > $check.name: $what → $level' },
        mutant: {
          file: 'src/checks/workloads.ts',
          find: '...unlisted, ...missing, ...strangers',
          replace: '...strangers',
        },
      },
      {
        by: 'drains before it restarts',
        test: {
          file: 'test/rollout/plan/upgrade-talos.test.ts',
          name: 'the steps of a node > are separate calls from 1.13 on',
        },
        mutant: {
          file: 'src/rollout/plan/node-draft.ts',
          find: "{ kind: 'drain', params: {} },",
          replace: '',
        },
      },
    ],
  },
  {
    trap: 32,
    sentence: 'a second installation before the restart destroys the last good system',
    guards: [
      {
        by: 'installs nothing on a node that somebody else armed',
        test: {
          file: 'test/engine/armed.test.ts',
          name: 'a node that is armed by another hand > is not installed again, and the rollout is held with what to do',
        },
        mutant: {
          file: 'src/engine/steps/install.ts',
          find: "if (outcome.kind !== 'succeeded' && outcome.kind !== 'overtaken') return;",
          replace: "if (outcome.kind !== 'running') return;",
        },
      },
      {
        by: 'repeats no installation of which nobody can say how it ended',
        test: {
          file: 'test/engine/step.test.ts',
          name: 'an act in doubt > about an installation nobody can judge is never repeated; after a restart by hand it is',
        },
        mutant: {
          file: 'src/engine/steps/install.ts',
          find: "case 'unknown':\n      throw new Fault(",
          replace: "case 'unknown':\n      return null;\n      throw new Fault(",
        },
      },
      {
        by: 'remembers from earlier rollouts which nodes are armed',
        test: { file: 'test/rollout/leftover.test.ts', name: 'a node with something left on it > stops %s' },
        mutant: {
          file: 'src/rollout/leftover.ts',
          find: 'if (machine === null || restartedSince(left, machine)',
          replace: 'if (true',
        },
      },
    ],
  },
  {
    trap: 33,
    sentence: 'a write to META between installation and restart drops the mark by which Talos falls back',
    guards: [
      {
        by: 'writes nothing to META',
        test: {
          file: 'test/talos/rpcs.test.ts',
          name: 'the calls of the bot > are these and no others: no HealthCheck, which fails while a node is cordoned, and no write to META',
        },
        mutant: {
          file: 'src/talos/lifecycle.ts',
          find: 'method: LifecycleService.method.upgrade,',
          replace: 'method: MachineService.method.metaWrite,',
        },
      },
      {
        by: 'has no such call in its protocol',
        test: {
          file: 'test/talos/rpcs.test.ts',
          name: 'the calls of the bot > could not write to META: the protocol as it is written down here has no such call',
        },
        mutant: {
          file: 'src/talos/proto/machine/machine.proto',
          find: '  rpc Version(',
          replace: '  rpc MetaWrite(MetaWriteRequest) returns (MetaWriteResponse);\n  rpc Version(',
        },
      },
    ],
  },
  {
    trap: 34,
    sentence: 'a lifecycle call that does not say where images are fails as INTERNAL',
    guards: [
      {
        by: 'says where images are',
        test: {
          file: 'test/talos/every-call.test.ts',
          name: 'every call > of %s says in which store the image is',
        },
        mutant: {
          file: 'src/talos/lifecycle.ts',
          find: 'request: { containerd: INSTALLER_STORE, ',
          replace: 'request: { ',
        },
      },
      {
        by: 'asks no second time what was refused in the words of INTERNAL',
        test: ROWS_OF_FAULTS,
        mutant: {
          file: 'src/talos/fault.ts',
          find: "text: /code = InvalidArgument|invalid target/, kind: 'refused'",
          replace: "text: /code = InvalidArgument|invalid target/, kind: 'busy'",
        },
      },
    ],
  },
];

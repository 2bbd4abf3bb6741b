// Traps 16 to 24: reading what a machine says of itself, and what image it needs.
import { ROWS_OF_FAULTS, type Trap } from './trap.ts';

export const READING_TRAPS: readonly Trap[] = [
  {
    trap: 16,
    sentence:
      'the kubeconfig comes in an archive that never ends, and may name a server that is out of reach',
    guards: [
      {
        by: 'reads the archive by hand',
        test: {
          file: 'test/talos/text.test.ts',
          name: 'a kubeconfig > is taken from an archive without padding and without an end',
        },
        mutant: {
          file: 'src/talos/kubeconfig.ts',
          find: 'if (text.length !== size)',
          replace: 'if (tar.length % HEADER_SIZE !== 0)',
        },
      },
      {
        by: 'notices when it is cut off',
        test: { file: 'test/talos/text.test.ts', name: 'a kubeconfig > %s is broken' },
        mutant: {
          file: 'src/talos/kubeconfig.ts',
          find: 'if (text.length !== size)',
          replace: 'if (false)',
        },
      },
      {
        by: 'dials the server that the configuration names instead',
        test: { file: 'test/kubernetes/server.test.ts', name: 'the server > can be replaced' },
        mutant: {
          file: 'src/kubernetes/kubeconfig.ts',
          find: 'settings.server === undefined ? found : withServer(config, found, settings.server)',
          replace: 'found',
        },
      },
    ],
  },
  {
    trap: 17,
    sentence: 'a snapshot of etcd and a file that is read can end early, and well',
    guards: [
      {
        by: 'keeps no copy of etcd that is not whole',
        test: {
          file: 'test/talos/snapshot.test.ts',
          name: 'a copy of etcd > that just ends early looks well, and is found out by who verifies it',
        },
        mutant: { file: 'src/archive/verify.ts', find: 'if (trouble !== null)', replace: 'if (false)' },
      },
      {
        by: 'takes no piece of a boot id for the whole',
        test: {
          file: 'test/talos/look.test.ts',
          name: 'looking at a machine > refuses a boot id that is cut off',
        },
        mutant: { file: 'src/talos/boot-id.ts', find: '(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/', replace: '.*$/' },
      },
    ],
  },
  {
    trap: 18,
    sentence:
      'the HealthCheck of the server ends at once without a limit, and fails while any node is cordoned',
    guards: [
      {
        by: 'looks for itself and never asks for that check',
        test: {
          file: 'test/talos/rpcs.test.ts',
          name: 'the calls of the bot > are these and no others: no HealthCheck, which fails while a node is cordoned, and no write to META',
        },
        mutant: {
          file: 'src/talos/kubeconfig.ts',
          find: 'reads.collect(MachineService.method.kubeconfig',
          replace: 'reads.collect(ClusterService.method.healthCheck',
        },
      },
    ],
  },
  {
    trap: 19,
    sentence: 'ids of members do not fit a number, and what is left out of a message means a value',
    guards: [
      {
        by: 'keeps all 64 bits of a member’s id',
        test: { file: 'test/talos/etcd.test.ts', name: 'etcd > is seen with the eyes of the machine asked' },
        mutant: {
          file: 'src/talos/etcd.ts',
          find: 'return id.toString(16)',
          replace: 'return Number(id).toString(16)',
        },
      },
      {
        by: 'knows that START is 0 in phases and 1 in sequences',
        test: { file: 'test/talos/progress.test.ts', name: 'event %# becomes %j' },
        mutant: {
          file: 'src/talos/progress.ts',
          find: 'action === SequenceAction.START',
          replace: '(action as number) === PhaseAction.START',
        },
      },
    ],
  },
  {
    trap: 20,
    sentence: 'an older Talos says PERMISSION_DENIED when it has no such resource',
    guards: [
      {
        by: 'reads which of the two it is',
        test: ROWS_OF_FAULTS,
        mutant: {
          file: 'src/talos/fault.ts',
          find: '(resource type|namespace) .* is not supported',
          replace: 'no such text',
        },
      },
      {
        by: 'says that our role may not know it, and not that there is none, where Talos shows it to os:admin only',
        test: {
          file: 'test/talos/inspect.test.ts',
          name: 'an inspection > of a version that shows Kubernetes to os:admin only is denied it to a reader, and says so',
        },
        mutant: {
          file: 'src/talos/cosi.ts',
          find: "if (lacksRole(fault)) return { kind: 'denied', why: fault.message };",
          replace: "if (lacksRole(fault)) return { kind: 'unsupported' };",
        },
      },
      {
        by: 'does without what an older version does not have',
        test: {
          file: 'test/talos/look.test.ts',
          name: 'looking at a machine > of an older version reads the boot id from its file and does without what it does not know',
        },
        mutant: {
          file: 'src/talos/fault.ts',
          find: '(resource type|namespace) .* is not supported',
          replace: 'no such text',
        },
      },
    ],
  },
  {
    trap: 21,
    sentence: 'the YAML of a resource changes its shape between versions',
    guards: [
      {
        by: 'reads the binary form',
        test: {
          file: 'test/talos/resource-content.test.ts',
          name: 'a resource is read from its binary form, whatever its YAML says',
        },
        mutant: {
          file: 'src/talos/cosi.ts',
          find: 'found.spec.protoSpec',
          replace: 'Buffer.from(found.spec.yamlSpec)',
        },
      },
    ],
  },
  {
    trap: 22,
    sentence: 'discovery lists machines that are gone, and versions of before',
    guards: [
      {
        by: 'plans nothing while a listed machine does not answer for itself',
        test: {
          file: 'test/checks/checks.test.ts',
          name: 'pre-flight > never stops at the first trouble',
        },
        mutant: { file: 'src/checks/checklist.ts', find: '\n  machinesAnswer,', replace: '' },
      },
    ],
  },
  {
    trap: 23,
    sentence: 'the image in the machine config is not the one that runs',
    guards: [
      {
        by: 'builds the image from the schematic that runs',
        test: { file: 'test/cluster/image.test.ts', name: 'installerImage > keeps %s' },
        mutant: {
          file: 'src/cluster/image.ts',
          find: 'const schematic = becoming.id ?? PLAIN_SCHEMATIC;',
          replace: 'const schematic = PLAIN_SCHEMATIC;',
        },
      },
      {
        by: 'keeps secure boot',
        test: { file: 'test/cluster/image.test.ts', name: 'installerImage > keeps %s' },
        mutant: {
          file: 'src/cluster/image.ts',
          find: "secureBoot ? '-secureboot' : ''",
          replace: "''",
        },
      },
      {
        by: 'refuses a machine whose extensions no schematic describes',
        test: { file: 'test/cluster/image.test.ts', name: 'installerImage > refuses %s' },
        mutant: {
          file: 'src/cluster/image.ts',
          find: "if (wish.kind !== 'id' && nameless) {",
          replace: 'if (false) {',
        },
      },
    ],
  },
  {
    trap: 24,
    sentence: 'pre-releases are versions too, and the lifecycle calls begin with one',
    guards: [
      {
        by: 'compares as semver does, from 1.13.0-alpha.2 on',
        test: { file: 'test/cluster/version.test.ts', name: 'methodFor > takes %s the %s way' },
        mutant: {
          file: 'src/cluster/version.ts',
          find: "compare(semver(running), semver('v1.13.0-alpha.2')) > 0",
          replace: "!lt(semver(running), '1.13.0')",
        },
      },
    ],
  },
];

// Traps 1 to 8: reaching a machine, and hearing from it.
import { ROWS_OF_FAULTS, type Trap } from './trap.ts';

export const REACHING_TRAPS: readonly Trap[] = [
  {
    trap: 1,
    sentence: "a call without a node header operates on the endpoint's own machine",
    guards: [
      {
        by: 'names the machine on every call',
        test: {
          file: 'test/talos/every-call.test.ts',
          name: 'every call > of %s names one machine by `node`, and never several',
        },
        mutant: {
          file: 'src/talos/connection.ts',
          find: "if (node !== null) metadata.set('node', node);",
          replace: '',
        },
      },
      {
        by: 'sends an act on the connection on which that machine just answered',
        test: {
          file: 'test/talos/acts.test.ts',
          name: 'an act > goes to the machine it names, once, after a read of that machine on the same connection',
        },
        mutant: {
          file: 'src/talos/acts.ts',
          find: '{ deadlineMs: PROOF_LIMIT_MS, metadata: callHeaders(address) }',
          replace: '{ deadlineMs: PROOF_LIMIT_MS, metadata: callHeaders(null) }',
        },
      },
      {
        by: 'compares the boot of the machine with the boot that Kubernetes knows before it changes anything',
        test: {
          file: 'test/rollout/departure.test.ts',
          name: 'the machine at the planned address > is not when Kubernetes knows the node in another boot than the machine is in',
        },
        mutant: {
          file: 'src/rollout/departure.ts',
          find: 'workload.bootId !== machine.bootId;',
          replace: 'false;',
        },
      },
    ],
  },
  {
    trap: 2,
    sentence: 'a nodes header hides failures inside an OK, and newer services refuse it',
    guards: [
      {
        by: 'never asks several machines in one call',
        test: {
          file: 'test/talos/every-call.test.ts',
          name: 'every call > of %s names one machine by `node`, and never several',
        },
        mutant: {
          file: 'src/talos/connection.ts',
          find: "metadata.set('node', node)",
          replace: "metadata.set('nodes', node)",
        },
      },
      {
        by: 'takes an error inside a reply for an error',
        test: {
          file: 'test/talos/reply.test.ts',
          name: 'a reply > that hides an error behind an OK is broken',
        },
        mutant: { file: 'src/talos/reply.ts', find: "if (error !== '') throw", replace: 'if (false) throw' },
      },
    ],
  },
  {
    trap: 3,
    sentence:
      'OpenSSL refuses the label of Talos’s Ed25519 keys, and an expired certificate looks like a dead endpoint',
    guards: [
      {
        by: 'writes the label that OpenSSL knows',
        test: {
          file: 'test/talos/talosconfig.test.ts',
          name: 'a talosconfig as Talos generates it is read, with its key as Node accepts it',
        },
        mutant: {
          file: 'src/talos/talosconfig-identity.ts',
          find: "'-----$1 PRIVATE KEY-----'",
          replace: "'-----$1 ED25519 PRIVATE KEY-----'",
        },
      },
      {
        by: 'looks at the date in the certificate',
        test: {
          file: 'test/talos/talosconfig.test.ts',
          name: '%s is refused with a sentence that names the field',
        },
        mutant: {
          file: 'src/talos/talosconfig-identity.ts',
          find: 'if (expiresAtMs <= nowMs)',
          replace: 'if (false)',
        },
      },
      {
        by: 'begins nothing with a certificate that ends within days',
        test: { file: 'test/checks/checks.test.ts', name: 'the checks > $check.name: $what → $level' },
        mutant: {
          file: 'src/checks/access.ts',
          find: 'if (leftMs < EXPIRY_REFUSAL_MS)',
          replace: 'if (false)',
        },
      },
      {
        by: 'tells an expired certificate from a dead endpoint',
        test: ROWS_OF_FAULTS,
        mutant: {
          file: 'src/talos/fault.ts',
          find: 'alert certificate expired|',
          replace: 'no such text|',
        },
      },
    ],
  },
  {
    trap: 4,
    sentence:
      'grpc-js cuts answers at 4 MiB, knows one server name per channel, backs off for minutes, and waits for ever',
    guards: [
      {
        by: 'takes answers of up to 32 MiB',
        test: { file: 'test/talos/channel.test.ts', name: 'a channel > takes answers of up to 32 MiB' },
        mutant: { file: 'src/talos/channel.ts', find: '32 * 1024 * 1024', replace: '4 * 1024 * 1024' },
      },
      {
        by: 'tries to connect again every few seconds',
        test: {
          file: 'test/talos/channel.test.ts',
          name: 'a channel > tries to connect again every few seconds, and never asks twice by itself',
        },
        mutant: {
          file: 'src/talos/channel.ts',
          find: "'grpc.max_reconnect_backoff_ms': 500",
          replace: "'grpc.max_reconnect_backoff_ms': 120_000",
        },
      },
      {
        by: 'gives every call an end',
        test: { file: 'test/talos/every-call.test.ts', name: 'every call > of %s has an end' },
        mutant: {
          file: 'src/talos/grpc.ts',
          find: '{ deadline: Date.now() + settings.deadlineMs }',
          replace: '{}',
        },
      },
      {
        by: 'fails over between channels, one for each endpoint',
        test: {
          file: 'test/talos/reads.test.ts',
          name: 'the way to a machine > leads through another endpoint when one is down, untrusted or a worker',
        },
        mutant: {
          file: 'src/talos/reads.ts',
          find: '!maySucceedElsewhere(error)',
          replace: 'true',
        },
      },
    ],
  },
  {
    trap: 5,
    sentence: 'a control-plane machine that restarts is a dead endpoint as well',
    guards: [
      {
        by: 'asks through others than the machine that is being taken down',
        test: {
          file: 'test/talos/reads.test.ts',
          name: 'the way to a machine > avoids the machine that is being taken down',
        },
        mutant: {
          file: 'src/talos/reads.ts',
          find: '({ host }) => host !== avoid',
          replace: '() => true',
        },
      },
      {
        by: 'dials a machine itself while it comes back',
        test: {
          file: 'test/talos/reads.test.ts',
          name: 'the way to a machine > can be direct, and names the machine even then',
        },
        mutant: {
          file: 'src/talos/reads.ts',
          find: "node !== null && question.route === 'direct'",
          replace: 'false',
        },
      },
    ],
  },
  {
    trap: 6,
    sentence: 'UNAVAILABLE says that the endpoint is down, or that it is up and its target down',
    guards: [
      {
        by: 'takes only a call that found no connection for one that never left',
        test: ROWS_OF_FAULTS,
        mutant: { file: 'src/talos/fault.ts', find: 'error.details.includes(UNSENT)', replace: 'true' },
      },
      {
        by: 'asks no other endpoint when the machine itself said no',
        test: {
          file: 'test/talos/fault.test.ts',
          name: 'only a failure of the way is worth another endpoint',
        },
        mutant: {
          file: 'src/talos/fault.ts',
          find: "return fault.kind === 'unreachable' ||",
          replace: 'return true ||',
        },
      },
    ],
  },
  {
    trap: 7,
    sentence: 'streams die silently, and pings more often than every five minutes end the connection',
    guards: [
      {
        by: 'sends no pings',
        test: {
          file: 'test/talos/channel.test.ts',
          name: 'a channel > sends no pings that Talos would close it for',
        },
        mutant: {
          file: 'src/talos/channel.ts',
          find: "'grpc.enable_retries': 0,",
          replace: "'grpc.enable_retries': 0, 'grpc.keepalive_time_ms': 10_000,",
        },
      },
      {
        by: 'leaves a connection on which a question stayed unanswered',
        test: {
          file: 'test/talos/channel.test.ts',
          name: 'a channel > is made anew when a question stays unanswered: its machine may have restarted without a word',
        },
        mutant: {
          file: 'src/talos/reads.ts',
          find: '!channel.heardSince(sinceMs)',
          replace: 'false',
        },
      },
    ],
  },
  {
    trap: 8,
    sentence: 'right after the call the old system still answers, running and ready',
    guards: [
      {
        by: 'believes in a restart only when the boot id changed',
        test: {
          file: 'test/engine/drive.test.ts',
          name: 'an upgrade > $name touches every node once, workers first and the etcd leader last',
        },
        mutant: {
          file: 'src/engine/steps/departures.ts',
          find: "machine.bootId === '' || machine.bootId === previous",
          replace: 'false',
        },
      },
    ],
  },
];

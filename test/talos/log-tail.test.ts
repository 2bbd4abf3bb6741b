// The end of a machine's logs: what is shown is less than what is asked for, so that no key is cut off from where it begins, and
// calls of our own do not stand for what the machine does.
import { expect, test } from 'vitest';
import { HIDDEN } from '../../src/cluster/log-tail.ts';
import { machinesAt, running } from './machine.ts';

const NODE = '10.0.0.3';
/** As short as the last line of a key may be: by itself it looks like a word. */
const KEY = ['-----BEGIN EC PRIVATE KEY-----', 'c2hvcnQ', 'bGluZXM', '-----END EC PRIVATE KEY-----'];

/** As Talos 1.14 wrote them, shortened at the end: machined's and apid's line for one call, and one that failed. */
const CALLS = [
  '2026/11/21 04:10:25.221278 machined OK [/machine.ImageService/Pull] 98.758µs stream Success {authorized ([os:admin os:operator] includes [os:admin])} (:authority=localhost;proxyfrom=127.77.0.3:50000;user-agent=grpc-go/1.83.0)',
  '2026/11/21 04:10:44.108832 OK [/cosi.resource.State/Get] 902.006µs stream Success (:authority=127.77.0.2:50000;node=127.77.0.2;user-agent=grpc-node-js/1.14.7)',
  '2026/11/21 04:10:44.902119 machined Unimplemented [/machine.MachineService/EtcdStatus] 10.757344ms unary rpc error: code = Unimplemented desc = no (:authority=localhost)',
];
const LOG = [
  '2026/11/21 04:10:20.000000 [talos] phase drain (3/7): 1 tasks(s)',
  ...CALLS,
  '2026/11/21 04:10:30.000000 [talos] service[kubelet](Stopping): Sending SIGTERM to task kubelet [/usr/local/bin/kubelet]',
];

async function loggingMachine(
  log: readonly string[],
): Promise<{ readonly port: number; readonly tails: number[] }> {
  const tails: number[] = [];
  const machine = await running({
    machine: {
      logs: (call) => {
        const { tailLines } = call.request;
        tails.push(tailLines);
        call.write({ bytes: Buffer.from(`${log.slice(-tailLines).join('\n')}\n`) });
        call.end();
      },
      dmesg: (call) => {
        call.write({ bytes: Buffer.from('quiet\n') });
        call.end();
      },
    },
  });
  return { port: machine.port, tails };
}

test('the lines of calls are left out where somebody looks for what the machine does', async () => {
  const long = [...LOG, ...Array.from({ length: 300 }, () => CALLS).flat()];
  const { port, tails } = await loggingMachine(long);
  const { machined } = await machinesAt([port]).tail(NODE, { lines: 2, withoutCalls: true });
  expect(tails[0]).toBeGreaterThan(900);
  expect(machined).toEqual({ kind: 'said', value: [LOG[0], LOG.at(-1)] });
});

test('the lines of calls are in a log that is shown', async () => {
  const { port } = await loggingMachine(LOG);
  const { machined } = await machinesAt([port]).tail(NODE, { lines: 9 });
  expect(machined).toMatchObject({ value: LOG });
});

test('a key that begins before the lines that are shown is hidden', async () => {
  const log = ['before', ...KEY, 'after'];
  const { port } = await loggingMachine(log);
  const { machined, kernel } = await machinesAt([port]).tail(NODE, { lines: 4 });
  expect(machined).toEqual({ kind: 'said', value: [HIDDEN, HIDDEN, HIDDEN, 'after'] });
  expect(kernel).toEqual({ kind: 'said', value: ['quiet'] });
});

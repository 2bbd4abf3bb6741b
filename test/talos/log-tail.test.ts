// The end of a machine's logs: what is shown is less than what is asked for, so that no key is cut off from where it begins.
import { expect, test } from 'vitest';
import { HIDDEN } from '../../src/cluster/log-tail.ts';
import { machinesAt, running } from './machine.ts';

const NODE = '10.0.0.3';
/** As short as the last line of a key may be: by itself it looks like a word. */
const KEY = ['-----BEGIN EC PRIVATE KEY-----', 'c2hvcnQ', 'bGluZXM', '-----END EC PRIVATE KEY-----'];

test('a key that begins before the lines that are shown is hidden', async () => {
  const log = ['before', ...KEY, 'after'];
  const machine = await running({
    machine: {
      logs: (call) => {
        const tail = log.slice(-call.request.tailLines);
        call.write({ bytes: Buffer.from(`${tail.join('\n')}\n`) });
        call.end();
      },
      dmesg: (call) => {
        call.write({ bytes: Buffer.from('quiet\n') });
        call.end();
      },
    },
  });
  const { machined, kernel } = await machinesAt([machine.port]).tail(NODE, { lines: 4 });
  expect(machined).toEqual({ kind: 'said', value: [HIDDEN, HIDDEN, HIDDEN, 'after'] });
  expect(kernel).toEqual({ kind: 'said', value: ['quiet'] });
});

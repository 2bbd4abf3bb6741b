// What arrives as bytes and must be read by hand: lines in pieces, the unfinished archive, machined's log, addresses.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { outcomeInLog } from '../../src/talos/install-outcome.ts';
import { kubeconfigIn } from '../../src/talos/kubeconfig.ts';
import { LineAssembler } from '../../src/talos/line.ts';
import { toldRollback } from '../../src/talos/machined-log.ts';
import { addressText } from '../../src/talos/member.ts';

function linesOf(...pieces: readonly string[]): string[] {
  const lines: string[] = [];
  const assembler = new LineAssembler((line) => lines.push(line));
  for (const piece of pieces) assembler.push(piece);
  assembler.end();
  return lines;
}

describe('lines', () => {
  test.each<[string, string[], string[]]>([
    [
      'cut anywhere are whole again',
      ['running Ta', 'los installer\nrun', 'ning pre-flight\n'],
      ['running Talos installer', 'running pre-flight'],
    ],
    ['one per message stay as they are', ['one\n', 'two\n'], ['one', 'two']],
    ['without an end are given at the end', ['installation failed'], ['installation failed']],
    ['that are empty are left out', ['\n', ' \n', 'a\n\n'], ['a']],
    ['lose a carriage return, also a cut one', ['a\r', '\nb\r\n'], ['a', 'b']],
  ])('%s', (_name, pieces, lines) => {
    expect(linesOf(...pieces)).toEqual(lines);
  });

  test('that never end are given out in parts', () => {
    expect(linesOf('x'.repeat(70_000), 'y\n').map((line) => line.length)).toEqual([70_000, 1]);
  });
});

function tarWith(name: string, content: string, size = content.length): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  return gzipSync(Buffer.concat([header, Buffer.from(content)]));
}

describe('a kubeconfig', () => {
  test('is taken from an archive without padding and without an end', () => {
    expect(kubeconfigIn(tarWith('kubeconfig', 'apiVersion: v1\n'))).toBe('apiVersion: v1\n');
  });

  test('is taken from a proper archive too', () => {
    const padded = `apiVersion: v1\n${'\0'.repeat(2_000)}`;
    expect(kubeconfigIn(tarWith('kubeconfig', padded, 15))).toBe('apiVersion: v1\n');
  });

  test.each<[string, Uint8Array]>([
    ['that is cut off', tarWith('kubeconfig', 'apiVersion', 100)],
    ['under another name', tarWith('passwd', 'root')],
    ['of no size', tarWith('kubeconfig', '', 0)],
    ['that is not packed', Buffer.from('apiVersion: v1')],
    ['shorter than a header', gzipSync(Buffer.from('kubeconfig'))],
    ['far too large', gzipSync(Buffer.alloc(3_000_000))],
  ])('%s is broken', (_name, archive) => {
    expect(() => kubeconfigIn(archive)).toThrow(Fault);
  });
});

const began = Date.UTC(2026, 7, 21, 20, 42, 30);
const old = '2026/08/21 19:00:00.000001 [talos] ';
const ours = '2026/08/21 20:42:31.500000 [talos] ';
const structured = '2026/08/21 20:50:00.123456 2026-08-21T20:50:00.123Z \u001b[34mINFO\u001b[0m ';
const start = 'starting upgrade: installer_image=x, disk=/dev/sda';

describe("machined's log", () => {
  test.each<[string, string[], ReturnType<typeof outcomeInLog>]>([
    [
      'with our success (1.13)',
      [ours + start, `${ours}upgrade completed successfully: exit_code=0`],
      { kind: 'succeeded' },
    ],
    [
      'with our failure (1.13)',
      [ours + start, `${ours}upgrade failed: exit_code=4`],
      { kind: 'failed', exitCode: 4 },
    ],
    [
      'with our success (1.14)',
      [
        `${structured}starting upgrade {"disk": "/dev/sda"}`,
        `${structured}upgrade completed {"component": "machined", "exit_code": 0}`,
      ],
      { kind: 'succeeded' },
    ],
    [
      'with our failure (1.14)',
      [`${structured}starting upgrade {}`, `${structured}upgrade failed {"exit_code": 7}`],
      { kind: 'failed', exitCode: 7 },
    ],
    [
      'in a container, where the time stands behind the mark',
      [
        '[talos] 2026/08/21 20:43:00 starting upgrade: x',
        '[talos] 2026/08/21 20:43:01 upgrade failed: exit_code=1',
      ],
      { kind: 'failed', exitCode: 1 },
    ],
    ['without an end', [ours + start], { kind: 'unknown' }],
    [
      'with an older success only',
      [old + start, `${old}upgrade completed successfully: exit_code=0`],
      { kind: 'unknown' },
    ],
    [
      'with an older success and ours begun',
      [old + start, `${old}upgrade completed successfully: exit_code=0`, ours + start],
      { kind: 'unknown' },
    ],
    [
      'with an end whose beginning is gone from the ring',
      [`${ours}upgrade completed successfully: exit_code=0`],
      { kind: 'unknown' },
    ],
    [
      'with a beginning without a time',
      [`[talos] ${start}`, `${ours}upgrade completed successfully: exit_code=0`],
      { kind: 'unknown' },
    ],
    [
      'where only the installer speaks of success',
      [
        ours + start,
        `${structured}upgrade progress {"message": "upgrade completed successfully: exit_code=0"}`,
      ],
      { kind: 'unknown' },
    ],
    ['that reaches back and shows no upgrade', [`${old}service[apid] is up`], { kind: 'never-began' }],
    [
      'that reaches back and shows only an older failure',
      [`${old}service[apid] is up`, old + start, `${old}upgrade failed: exit_code=1`],
      { kind: 'never-began' },
    ],
    [
      'that reaches back, with a failure nobody can date',
      [`${old}service[apid] is up`, `[talos] ${start}`, '[talos] upgrade failed: exit_code=1'],
      { kind: 'unknown' },
    ],
    [
      'with our success and a failure after it',
      [
        ...[ours + start, `${ours}upgrade completed successfully: exit_code=0`],
        ...[structured + start, `${structured}upgrade failed {"exit_code": 7}`],
      ],
      { kind: 'overtaken' },
    ],
    [
      'with our success and another begun after it',
      [ours + start, `${ours}upgrade completed successfully: exit_code=0`, structured + start],
      { kind: 'overtaken' },
    ],
    [
      'with a failure and a success after it',
      [
        ...[ours + start, `${ours}upgrade failed: exit_code=4`],
        ...[structured + start, `${structured}upgrade completed {"exit_code": 0}`],
      ],
      { kind: 'succeeded' },
    ],
    ['that does not reach back', [`${ours}service[apid] is up`], { kind: 'unknown' }],
    ['that is empty', [], { kind: 'unknown' }],
  ])('%s', (_name, lines, outcome) => {
    expect(outcomeInLog(`${lines.join('\n')}\n`, began)).toEqual(outcome);
  });

  const success = 'upgrade completed successfully: exit_code=0';
  const failure = 'upgrade failed: exit_code=4';
  test.each<[string, string[], ReturnType<typeof outcomeInLog>]>([
    [
      'a success, however much failed after it',
      [old + start, old + success, ours + start, ours + failure, ours + start],
      { kind: 'overtaken' },
    ],
    ['a success that nobody can date', [`[talos] ${start}`, `[talos] ${success}`], { kind: 'succeeded' }],
    ['a success whose beginning is gone from the ring', [ours + success], { kind: 'succeeded' }],
    [
      'such a success before a failure',
      [ours + success, ours + start, ours + failure],
      { kind: 'overtaken' },
    ],
    [
      'only failures',
      [old + start, old + failure, ours + start, ours + failure],
      { kind: 'failed', exitCode: 4 },
    ],
  ])('tells of a whole boot %s', (_name, lines, outcome) => {
    expect(outcomeInLog(`${lines.join('\n')}\n`, 0)).toEqual(outcome);
  });
});

test.each<[number[], string]>([
  [[10, 0, 0, 1], '10.0.0.1'],
  [[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
])('address %o is %s', (bytes, text) => {
  expect(addressText(Uint8Array.from(bytes))).toBe(text);
});

describe('whether a rollback arrived', () => {
  const sent = Date.UTC(2026, 10, 20, 3);
  const BEFORE = '2026/11/20 02:00:00.000000 [talos] boot sequence: done: 1m2s';
  const AFTER = '2026/11/20 03:20:00.000000 OK [/cosi.resource.State/Get] 1ms unary Success';
  const HEARD = '2026/11/20 03:00:01.000000 [talos] rollback via API received';

  test.each<[string, string[], ReturnType<typeof toldRollback>]>([
    ['was heard', [BEFORE, HEARD, AFTER], 'arrived'],
    ['was not heard, in a log that reaches back', [BEFORE, AFTER], 'never-arrived'],
    ['is overwritten by what came later', [AFTER], 'unknown'],
    ['is looked for in a log without times', ['rubbish'], 'unknown'],
  ])('%s', (_what, lines, arrival) => {
    expect(toldRollback(lines.join('\n'), sent)).toBe(arrival);
  });
});

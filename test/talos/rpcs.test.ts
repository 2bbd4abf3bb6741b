// The calls this bot makes of Talos, all of them: what is not here is not done to a machine.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const TALOS = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'src', 'talos');

function textsBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** Our own files without their comments: some of these explain with examples. */
const OURS = readdirSync(TALOS)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(TALOS, name), 'utf8'))
  .join('\n')
  .replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
const PROTO = textsBelow(join(TALOS, 'proto'), '.proto').join('\n');

/** What changes a machine; every one of them is sent by a step that people agreed to. */
const ACTS = [
  'ImageService.pull',
  'LifecycleService.upgrade',
  'MachineService.etcdForfeitLeadership',
  'MachineService.reboot',
  'MachineService.rollback',
  'MachineService.upgrade',
];

/** What is only asked. */
const QUESTIONS = [
  'MachineService.dmesg',
  'MachineService.etcdAlarmList',
  'MachineService.etcdMemberList',
  'MachineService.etcdSnapshot',
  'MachineService.etcdStatus',
  'MachineService.events',
  'MachineService.kubeconfig',
  'MachineService.logs',
  'MachineService.mounts',
  'MachineService.read',
  'MachineService.serviceList',
  'MachineService.systemStat',
  'MachineService.version',
  'State.get',
  'State.list',
  'State.watch',
];

describe('the calls of the bot', () => {
  it('are these and no others: no HealthCheck, which fails while a node is cordoned, and no write to META', () => {
    const made = [...OURS.matchAll(/\b(\w+Service|State)\.method\.(\w+)/g)].map(
      ([, service, method]) => `${service}.${method}`,
    );
    expect([...new Set(made)].sort()).toEqual([...ACTS, ...QUESTIONS].sort());
  });

  it('are made by name alone, never by a path or a computed name', () => {
    expect(OURS).not.toMatch(/\.method\[|['"`]\/(?:machine|cluster|cosi)\.[\w.]+\//);
  });

  it('could not write to META: the protocol as it is written down here has no such call', () => {
    const calls = [...PROTO.matchAll(/^\s*rpc (\w+)\(/gm)].map(([, name]) => name);
    expect(calls).toContain('Reboot');
    expect(calls.filter((name) => /^Meta|^EtcdLeave|^EtcdRemove|^Reset$/.test(name ?? ''))).toEqual([]);
  });
});

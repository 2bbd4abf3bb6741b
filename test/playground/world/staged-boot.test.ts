// The staged legacy upgrade of a simulated machine: written down, restarted, installed in that boot, and restarted again.
import { describe, expect, it } from 'vitest';
import { aWorld } from './a-world.ts';

const ORDER = { preserve: false, stage: true, force: false, mode: 'default' } as const;
const REF = 'ghcr.io/siderolabs/installer:v1.12.9';

async function staged(talosVersion: string, ref = REF, exit = false) {
  const { world, clock, kubernetes } = aWorld({ talosVersion });
  const machine = world.machine('w-1');
  const boots = [machine.bootId];
  const told: string[] = [];
  machine.parts.events.subscribe(({ event }) => {
    if (boots.at(-1) !== machine.bootId) boots.push(machine.bootId);
    if (event.kind === 'sequence') told.push(`${event.sequence} ${event.error?.code ?? event.action}`);
    if (event.kind === 'machine-status') told.push(event.status.stage);
  });
  const seen: string[] = [];
  machine.onListening((listening) => seen.push(listening ? machine.status().stage : 'gone'));
  if (exit) world.inject('installer-exits-nonzero', { node: 'w-1' });
  const acknowledged = machine.upgradeLegacy({ ...ORDER, ref });
  clock.advance(1_000);
  expect(await acknowledged).toMatchObject({ ack: 'Upgrade request received' });
  expect([machine.version, machine.parts.state.staged === null]).toEqual([talosVersion, false]);
  clock.advance(60_000);
  return { world, machine, boots, told, seen, kubernetes };
}

describe('a staged upgrade', () => {
  it('restarts twice, and runs the new version after the second', async () => {
    const { world, machine, boots, told } = await staged('v1.12.4');
    expect(machine.version).toBe('v1.12.9');
    expect(machine.status()).toMatchObject({ stage: 'running', ready: true });
    expect(new Set(boots).size).toBe(3);
    expect(told.filter((one) => !one.includes(' '))).toEqual(
      expect.arrayContaining(['upgrading', 'installing', 'booting', 'running']),
    );
    expect(told).toEqual(expect.arrayContaining(['stageUpgrade start', 'install start', 'boot start']));
    expect(world.counters.of('w-1')).toMatchObject({ legacyUpgrades: 1, installs: 1, reboots: 1 });
    expect(machine.armed).toBe(false);
  });

  it('neither cordons nor drains: that is for the client', async () => {
    const { kubernetes } = await staged('v1.12.4');
    expect(kubernetes.cordoned.has('w-1')).toBe(false);
  });

  it('is not seen from outside in its first boot up to 1.12, because apid starts later', async () => {
    const { seen } = await staged('v1.12.4');
    expect(seen).toEqual(['gone', 'booting']);
  });

  it('is seen installing in its first boot from 1.13 on', async () => {
    const { seen } = await staged('v1.13.4', 'ghcr.io/siderolabs/installer:v1.13.5');
    expect(seen).toEqual(['gone', 'installing', 'gone', 'booting']);
  });

  it('restarts twice and runs the old version when its installer fails', async () => {
    const { machine, boots, told } = await staged('v1.12.4', REF, true);
    expect([machine.version, machine.status().stage]).toEqual(['v1.12.4', 'running']);
    expect(new Set(boots).size).toBe(3);
    expect(told).toContain('install fatal');
  });
});

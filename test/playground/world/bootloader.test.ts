import { describe, expect, it } from 'vitest';
import {
  type Bootloader,
  bootedDefault,
  freshBootloader,
  installed,
  isArmed,
  otherEntry,
  reverted,
  type Software,
} from '../../../playground/world/bootloader.ts';

const software = (version: string): Software => ({ version, schematic: '', platform: null, signed: false });
const labels = (loader: Bootloader): string[] => loader.entries.map((one) => `${one.label} ${one.version}`);

describe('boot entries', () => {
  it('of GRUB take turns', () => {
    const first = freshBootloader('grub', software('v1.13.0'));
    const second = bootedDefault(installed(first, software('v1.13.1')));
    const third = bootedDefault(installed(second, software('v1.13.2')));
    expect([labels(first), labels(second), labels(third)]).toEqual([
      ['A v1.13.0'],
      ['A v1.13.0', 'B v1.13.1'],
      ['B v1.13.1', 'A v1.13.2'],
    ]);
  });

  it('of sd-boot keep the default and delete every other', () => {
    const first = freshBootloader('sd-boot', software('v1.13.0'));
    const second = bootedDefault(installed(first, software('v1.13.1')));
    const third = bootedDefault(installed(second, software('v1.13.2')));
    expect(labels(third)).toEqual(['Talos-v1.13.1.efi v1.13.1', 'Talos-v1.13.2.efi v1.13.2']);
  });

  it.each(['grub', 'sd-boot'] as const)(
    'of %s lose the running version when installed twice without a boot',
    (kind) => {
      const first = freshBootloader(kind, software('v1.13.0'));
      const twice = installed(installed(first, software('v1.13.1')), software('v1.13.2'));
      expect(twice.entries.map((one) => one.version)).toEqual(['v1.13.1', 'v1.13.2']);
      expect([isArmed(twice), twice.booted.version]).toEqual([true, 'v1.13.0']);
    },
  );

  it.each([
    ['v1.13.4', 'Talos-v1.13.4.efi', 'Talos-v1.13.4~1.efi'],
    ['v1.10.9', null, 'Talos-v1.10.9.efi'],
  ])('of sd-boot with %s installed again leave %s to go back to', (version, other, now) => {
    const again = installed(freshBootloader('sd-boot', software(version)), software(version));
    expect([otherEntry(again)?.label ?? null, again.defaultLabel, isArmed(again)]).toEqual([
      other,
      now,
      true,
    ]);
  });

  it('toggle', () => {
    const loader = bootedDefault(
      installed(freshBootloader('grub', software('v1.13.0')), software('v1.13.1')),
    );
    const back = reverted(loader);
    expect([back.defaultLabel, isArmed(back), reverted(back).defaultLabel]).toEqual(['A', true, 'B']);
  });
});

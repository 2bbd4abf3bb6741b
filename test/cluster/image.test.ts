// Which installer image keeps what a machine is made of, or makes of it what was asked; and when there is none.
import { describe, expect, it } from 'vitest';
import {
  type ImageAsked,
  type ImageNeeds,
  installerImage,
  mustChange,
  registryOf,
} from '../../src/cluster/image.ts';
import type { Becoming } from '../../src/cluster/schematic.ts';

const FACTORY = 'factory.example';
const PLAIN = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const OWN = 'aa'.repeat(32);
const OTHER = 'bb'.repeat(32);

function aMachine(changed: Partial<ImageNeeds> = {}): ImageNeeds {
  const schematic = changed.schematic === undefined ? OWN : changed.schematic;
  return {
    version: 'v1.13.4',
    platform: 'metal',
    schematic,
    factoryUrl: schematic === null ? null : 'https://factory.talos.dev',
    extensions: schematic === null ? [] : ['iscsi-tools'],
    secureBoot: false,
    ...changed,
  };
}

const to = (target: string): ImageAsked => ({ target, factory: FACTORY });

const ROWS: readonly (readonly [
  what: string,
  machine: Partial<ImageNeeds>,
  target: string,
  image: string,
])[] = [
  ['a plain machine up to 1.13', { schematic: null }, 'v1.13.5', 'ghcr.io/siderolabs/installer:v1.13.5'],
  [
    'a plain machine from 1.14, where ghcr has no installer',
    { schematic: null },
    'v1.14.0',
    `${FACTORY}/metal-installer/${PLAIN}:v1.14.0`,
  ],
  [
    'a plain machine to a pre-release of 1.14',
    { schematic: null },
    'v1.14.0-rc.1',
    `${FACTORY}/metal-installer/${PLAIN}:v1.14.0-rc.1`,
  ],
  ['its own schematic', {}, 'v1.13.5', `${FACTORY}/metal-installer/${OWN}:v1.13.5`],
  ['its own platform', { platform: 'nocloud' }, 'v1.13.5', `${FACTORY}/nocloud-installer/${OWN}:v1.13.5`],
  [
    'a platform of two words',
    { platform: 'digital-ocean' },
    'v1.13.5',
    `${FACTORY}/digital-ocean-installer/${OWN}:v1.13.5`,
  ],
  [
    'the name before platforms had names',
    { platform: 'aws' },
    'v1.9.6',
    `${FACTORY}/installer/${OWN}:v1.9.6`,
  ],
  [
    'secure boot with a schematic',
    { secureBoot: true },
    'v1.13.5',
    `${FACTORY}/metal-installer-secureboot/${OWN}:v1.13.5`,
  ],
  [
    'secure boot without one',
    { schematic: null, secureBoot: true },
    'v1.12.9',
    `${FACTORY}/metal-installer-secureboot/${PLAIN}:v1.12.9`,
  ],
  [
    'secure boot before 1.10',
    { secureBoot: true },
    'v1.9.6',
    `${FACTORY}/installer-secureboot/${OWN}:v1.9.6`,
  ],
  [
    'what it is without saying its platform, before that mattered',
    { platform: '' },
    'v1.9.6',
    `${FACTORY}/installer/${OWN}:v1.9.6`,
  ],
];

describe('installerImage', () => {
  it.each(ROWS)('keeps %s', (_what, machine, target, image) => {
    expect(installerImage(aMachine(machine), to(target))).toMatchObject({ kind: 'image', image });
  });

  it.each([
    [
      'extensions that no schematic describes',
      { schematic: null, extensions: ['iscsi-tools', 'zfs'] },
      'iscsi-tools, zfs',
    ],
    ['a platform it does not say', { platform: '' }, 'which platform'],
    ['a platform that is no name', { platform: 'a/b' }, 'which platform'],
    ['a container', { platform: 'container' }, 'container'],
  ] as const)('refuses %s', (_what, machine, why) => {
    const choice = installerImage(aMachine(machine), to('v1.13.5'));
    expect(choice).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) });
  });
});

describe('the registry', () => {
  it.each([
    ['the public one', 'https://factory.talos.dev', 'factory.talos.dev', 'factory.talos.dev'],
    [
      'a private factory that the image names',
      'https://factory.example.com/',
      'factory.talos.dev',
      'factory.example.com',
    ],
    ['its port too', 'http://10.0.0.9:8080', 'factory.talos.dev', '10.0.0.9:8080'],
    ['in the form of references', 'https://Factory.Example', 'factory.talos.dev', 'factory.example'],
    [
      'the one somebody configured, above all',
      'https://factory.example.com',
      'mirror.example',
      'mirror.example',
    ],
    ['the configured one when the image names none', null, 'mirror.example', 'mirror.example'],
    [
      'the configured one when what the image names is no URL',
      'ftp:nothing',
      'factory.talos.dev',
      'factory.talos.dev',
    ],
    [
      'never credentials in a URL',
      'https://user:word@evil.example',
      'factory.talos.dev',
      'factory.talos.dev',
    ],
  ])('is %s', (_what, factoryUrl, configured, registry) => {
    expect(registryOf({ factoryUrl }, configured)).toBe(registry);
  });
});

function wishing(becoming: Becoming | null, target: string, schematic: string | null = OWN): ImageAsked {
  const becomings = new Map(becoming === null ? [] : [[`${FACTORY}/${schematic ?? ''}`, becoming]]);
  return { ...to(target), wish: { kind: 'change', add: ['zfs'], remove: [] }, becomings };
}

const OTHER_KNOWN: Becoming = { kind: 'known', id: OTHER, extensions: ['siderolabs/zfs'] };

describe('another schematic', () => {
  it('is taken with the version', () => {
    const choice = installerImage(aMachine(), wishing(OTHER_KNOWN, 'v1.13.5'));
    const image = `${FACTORY}/metal-installer/${OTHER}:v1.13.5`;
    expect(choice).toEqual({ kind: 'image', image, schematic: OTHER, extensions: ['siderolabs/zfs'] });
  });

  it('is taken by a plain machine', () => {
    const machine = aMachine({ schematic: null });
    expect(installerImage(machine, wishing(OTHER_KNOWN, 'v1.13.5', null))).toMatchObject({
      schematic: OTHER,
    });
  });

  it('is not made up for extensions that no schematic describes, but may be named by a person', () => {
    const machine = aMachine({ schematic: null, extensions: ['gvisor'] });
    expect(installerImage(machine, wishing(OTHER_KNOWN, 'v1.13.5', null)).kind).toBe('refused');
    const named: ImageAsked = { ...wishing(OTHER_KNOWN, 'v1.13.5', null), wish: { kind: 'id', id: OTHER } };
    expect(installerImage(machine, named)).toMatchObject({ kind: 'image', schematic: OTHER });
  });

  it('that nobody could find out is unknown, and one that cannot be had is refused', () => {
    expect(installerImage(aMachine(), wishing({ kind: 'silent', why: 'x' }, 'v1.13.5')).kind).toBe('unknown');
    expect(installerImage(aMachine(), wishing(null, 'v1.13.5')).kind).toBe('unknown');
    expect(installerImage(aMachine(), wishing({ kind: 'refused', why: 'x' }, 'v1.13.5')).kind).toBe(
      'refused',
    );
  });

  it.each([
    ['v1.13.4', false, 'image'],
    ['v1.11.0', true, 'image'],
    // Overwriting the running UKI, without a way back (talos-api.md 9.28).
    ['v1.10.9', true, 'refused'],
    // It may be sd-boot, and 1.10 does not tell.
    ['v1.10.9', false, 'refused'],
    ['v1.9.6', true, 'refused'],
    // GRUB: the other slot is written.
    ['v1.9.6', false, 'image'],
  ] as const)('at the same version %s, secure boot %s → %s', (version, secureBoot, kind) => {
    expect(installerImage(aMachine({ version, secureBoot }), wishing(OTHER_KNOWN, version)).kind).toBe(kind);
  });

  it('together with another version is never refused for that', () => {
    const machine = aMachine({ version: 'v1.9.5', secureBoot: true });
    expect(installerImage(machine, wishing(OTHER_KNOWN, 'v1.9.6')).kind).toBe('image');
  });
});

describe('what must change', () => {
  const must = (machine: ImageNeeds, asked: ImageAsked): boolean =>
    mustChange(machine, asked, installerImage(machine, asked));

  it.each([
    ['another version', aMachine(), to('v1.13.5'), true],
    ['nothing', aMachine(), to('v1.13.4'), false],
    ['the schematic alone', aMachine(), wishing(OTHER_KNOWN, 'v1.13.4'), true],
    [
      'nothing, when the schematic becomes itself',
      aMachine(),
      wishing({ ...OTHER_KNOWN, id: OWN }, 'v1.13.4'),
      false,
    ],
    [
      'nothing, when a plain machine shall have the plain schematic',
      aMachine({ schematic: null }),
      wishing({ ...OTHER_KNOWN, id: PLAIN }, 'v1.13.4', null),
      false,
    ],
    ['perhaps something, when nobody knows', aMachine(), wishing(null, 'v1.13.4'), true],
  ] as const)('is %s', (_what, machine, asked, changes) => {
    expect(must(machine, asked)).toBe(changes);
  });
});

// Which installer image keeps what a machine is made of.
import { describe, expect, it } from 'vitest';
import { installerImage } from '../../src/cluster/image.ts';

const FACTORY = 'factory.example';
const PLAIN = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const OWN = 'aa'.repeat(32);

interface Row {
  readonly what: string;
  readonly platform?: string;
  readonly schematic?: string;
  readonly secureBoot?: true;
  readonly target: string;
  readonly image: string;
}

const ROWS: readonly Row[] = [
  {
    what: 'a plain machine up to 1.13',
    target: 'v1.13.5',
    image: 'ghcr.io/siderolabs/installer:v1.13.5',
  },
  {
    what: 'a plain machine from 1.14, where ghcr has no installer',
    target: 'v1.14.0',
    image: `${FACTORY}/metal-installer/${PLAIN}:v1.14.0`,
  },
  {
    what: 'a plain machine to a pre-release of 1.14',
    target: 'v1.14.0-rc.1',
    image: `${FACTORY}/metal-installer/${PLAIN}:v1.14.0-rc.1`,
  },
  {
    what: 'its own schematic',
    schematic: OWN,
    target: 'v1.13.5',
    image: `${FACTORY}/metal-installer/${OWN}:v1.13.5`,
  },
  {
    what: 'its own platform',
    schematic: OWN,
    platform: 'nocloud',
    target: 'v1.13.5',
    image: `${FACTORY}/nocloud-installer/${OWN}:v1.13.5`,
  },
  {
    what: 'the name before platforms had names',
    schematic: OWN,
    platform: 'aws',
    target: 'v1.9.6',
    image: `${FACTORY}/installer/${OWN}:v1.9.6`,
  },
  {
    what: 'secure boot with a schematic',
    schematic: OWN,
    secureBoot: true,
    target: 'v1.13.5',
    image: `${FACTORY}/metal-installer-secureboot/${OWN}:v1.13.5`,
  },
  {
    what: 'secure boot without one',
    secureBoot: true,
    target: 'v1.12.9',
    image: `${FACTORY}/metal-installer-secureboot/${PLAIN}:v1.12.9`,
  },
  {
    what: 'secure boot before 1.10',
    schematic: OWN,
    secureBoot: true,
    target: 'v1.9.6',
    image: `${FACTORY}/installer-secureboot/${OWN}:v1.9.6`,
  },
];

describe('installerImage', () => {
  it.each(ROWS)(
    'keeps $what',
    ({ platform = 'metal', schematic = null, secureBoot = false, target, image }) => {
      const needs = {
        platform,
        schematic,
        extensions: schematic === null ? [] : ['iscsi-tools'],
        secureBoot,
      };
      expect(installerImage(needs, target, FACTORY)).toMatchObject({ kind: 'image', image });
    },
  );

  it('refuses a machine whose extensions no schematic describes, and names them', () => {
    const needs = {
      platform: 'metal',
      schematic: null,
      extensions: ['iscsi-tools', 'zfs'],
      secureBoot: false,
    };
    expect(installerImage(needs, 'v1.13.5', FACTORY)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('iscsi-tools, zfs'),
    });
  });
});

// One small cluster per hop between releases of Talos: boot loaders, platforms, secure boot, images and what each call may say.
import type { BootloaderKind } from '../world/settings.ts';
import { every, upgradedWell } from './expectations.ts';
import type { Expectation, Measured, NodeResult, Scenario, Series } from './scenario.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

/** Schematics that the simulated factory has: plain, and with one official extension each. */
const PLAIN = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const GUEST_AGENT = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';
const ISCSI = 'c9078f9419961640c712a8bf2bb9174933dfcf1da383fd8ea2b7dc21493f8bac';

interface Hop {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** One that both releases support. */
  readonly kubernetes: string;
  readonly bootloader: BootloaderKind;
  readonly platform: string;
  readonly secureBoot: boolean;
  /** Empty: machines that were installed from the official image, which has none. */
  readonly schematic: string;
  /** The schematic they must have afterwards. */
  readonly becomes: string;
  /** The repository their image must come from, `FACTORY` standing for the factory's host. */
  readonly repository: string;
  /** What the one-call upgrade must say of the data; null where there is no such call. */
  readonly preserve: boolean | null;
}

const usual = { bootloader: 'grub', platform: 'metal', secureBoot: false } as const;

const HOPS: readonly Hop[] = [
  {
    ...usual,
    name: '1.7',
    from: 'v1.7.7',
    to: 'v1.8.4',
    kubernetes: 'v1.30.4',
    schematic: ISCSI,
    becomes: ISCSI,
    // Platform names came with 1.10.
    repository: `FACTORY/installer/${ISCSI}`,
    // Up to 1.7 an upgrade without it wipes the data and leaves etcd.
    preserve: true,
  },
  {
    ...usual,
    name: '1.9',
    from: 'v1.9.6',
    to: 'v1.10.9',
    kubernetes: 'v1.32.4',
    schematic: '',
    becomes: '',
    repository: 'ghcr.io/siderolabs/installer',
    preserve: false,
  },
  {
    ...usual,
    name: '1.11-aws',
    from: 'v1.11.6',
    to: 'v1.12.11',
    kubernetes: 'v1.34.1',
    bootloader: 'sd-boot',
    platform: 'aws',
    schematic: GUEST_AGENT,
    becomes: GUEST_AGENT,
    repository: `FACTORY/aws-installer/${GUEST_AGENT}`,
    preserve: false,
  },
  {
    ...usual,
    name: '1.12-secureboot',
    from: 'v1.12.11',
    to: 'v1.13.9',
    kubernetes: 'v1.35.4',
    bootloader: 'sd-boot',
    secureBoot: true,
    schematic: ISCSI,
    becomes: ISCSI,
    repository: `FACTORY/metal-installer-secureboot/${ISCSI}`,
    preserve: false,
  },
  {
    ...usual,
    name: '1.13',
    from: 'v1.13.9',
    to: 'v1.14.0',
    kubernetes: 'v1.36.3',
    schematic: '',
    // The official image ends with 1.13; the factory's plain one is the same system.
    becomes: PLAIN,
    repository: `FACTORY/metal-installer/${PLAIN}`,
    preserve: null,
  },
  {
    ...usual,
    name: '1.14-aws-secureboot',
    from: 'v1.14.0',
    to: 'v1.14.1',
    kubernetes: 'v1.37.0',
    bootloader: 'sd-boot',
    platform: 'aws',
    secureBoot: true,
    schematic: GUEST_AGENT,
    becomes: GUEST_AGENT,
    repository: `FACTORY/aws-installer-secureboot/${GUEST_AGENT}`,
    preserve: null,
  },
];

function legOf(hop: Hop): Scenario {
  const { name, from, to, bootloader, platform, secureBoot, schematic, kubernetes } = hop;
  return {
    name,
    sentence: `${from} → ${to} on ${platform}, ${bootloader}${secureBoot ? ', secure boot' : ''}.`,
    world: {
      talosVersion: from,
      kubernetesVersion: kubernetes,
      bootloader,
      platform,
      secureBoot,
      schematic,
      // Two, because the pods of one have nowhere else to go.
      workers: 2,
    },
    play: async (troupe) => {
      await begin(troupe, to);
      await troupe.approveAll(controlPlaneOf(troupe));
      await troupe.end();
    },
    expect: (measured) => [...upgradedWell(measured, to), ...likeItself(measured, hop)],
  };
}

/** Nothing but the version is another one, and no machine was asked what it does not know. */
function likeItself({ nodes, factory }: Measured, hop: Hop): readonly Expectation[] {
  const image = `${hop.repository.replace('FACTORY', factory)}:${hop.to}`;
  const all = (holds: (node: NodeResult) => boolean): boolean => every(nodes, holds);
  return [
    [`every node was installed from ${image}`, all((node) => node.image === image)],
    [
      hop.preserve === null
        ? 'nothing was said of the data'
        : `the data was ${hop.preserve ? '' : 'not '}asked to be preserved`,
      all((node) => node.preserve === hop.preserve),
    ],
    ['no node lost its data', all((node) => node.wipes === 0)],
    ['every etcd member is the one it was', all((node) => node.toMember === node.fromMember)],
    [
      'every node has the schematic it should',
      all((node) => node.fromSchematic === hop.schematic && node.toSchematic === hop.becomes),
    ],
    [
      'every node kept its platform and its boot loader',
      all((node) => node.platform === hop.platform && node.bootloader === hop.bootloader),
    ],
    ['no node was asked for what its version does not have', all((node) => node.unimplemented === 0)],
  ];
}

export const matrix: Series = {
  name: 'matrix',
  sentence:
    'One small cluster per hop, from 1.7 to 1.14: GRUB and sd-boot, metal and aws, secure boot; each keeps its image, its schematic and its data.',
  legs: HOPS.map(legOf),
};

/** COSI resources about the machine itself: status, version, boot, extensions (facts/talos-api.md 6.2). */

import { SystemDiskSpecSchema } from '../../src/talos/gen/resource/definitions/block/block_pb.ts';
import { RuntimeMachineStage as Stages } from '../../src/talos/gen/resource/definitions/enums/enums_pb.ts';
import { LayerSchema } from '../../src/talos/gen/resource/definitions/extensions/extensions_pb.ts';
import {
  BootedEntrySpecSchema,
  BootIDSpecSchema,
  DiagnosticSpecSchema,
  ImageFactorySchematicSpecSchema,
  MachineStatusSpecSchema,
  MetaKeySpecSchema,
  PlatformMetadataSpecSchema,
  SecurityStateSpecSchema,
  VersionSpecSchema,
} from '../../src/talos/gen/resource/definitions/runtime/runtime_pb.ts';
import { ServiceSpecSchema } from '../../src/talos/gen/resource/definitions/v1alpha1/v1alpha1_pb.ts';
import { since } from '../world/compatibility.ts';
import type { Stage } from '../world/event.ts';
import { type CosiKind, item } from './cosi-kind.ts';

const STAGES: Readonly<Record<Stage, Stages>> = {
  booting: Stages.MACHINE_STAGE_BOOTING,
  installing: Stages.MACHINE_STAGE_INSTALLING,
  maintenance: Stages.MACHINE_STAGE_MAINTENANCE,
  running: Stages.MACHINE_STAGE_RUNNING,
  rebooting: Stages.MACHINE_STAGE_REBOOTING,
  'shutting down': Stages.MACHINE_STAGE_SHUTTING_DOWN,
  resetting: Stages.MACHINE_STAGE_RESETTING,
  upgrading: Stages.MACHINE_STAGE_UPGRADING,
};

const FACTORY = 'https://factory.talos.dev';
const RUNTIME = 'runtime';

export const runtimeKinds: readonly CosiKind[] = [
  {
    type: 'MachineStatuses.runtime.talos.dev',
    namespace: RUNTIME,
    columns: [
      ['Stage', '{.stage}'],
      ['Ready', '{.status.ready}'],
    ],
    items: ({ machine }) => {
      const { stage, ready, unmet } = machine.status();
      const unmetConditions = unmet.map(({ name, reason }) => ({ name, reason }));
      const message = { stage: STAGES[stage], status: { ready, unmetConditions } };
      return [
        item(MachineStatusSpecSchema, {
          id: 'machine',
          message,
          yaml: { stage, status: { ready, unmetConditions } },
        }),
      ];
    },
  },
  {
    type: 'Versions.runtime.talos.dev',
    namespace: RUNTIME,
    since: '1.10',
    columns: [
      ['Name', '{.name}'],
      ['Version', '{.version}'],
    ],
    items: ({ machine }) => {
      const spec = { version: machine.version, name: 'Talos' };
      return [item(VersionSpecSchema, { id: 'version', message: spec, yaml: spec })];
    },
  },
  {
    type: 'BootIDs.runtime.talos.dev',
    namespace: RUNTIME,
    since: '1.14',
    columns: [['Boot ID', '{.bootID}']],
    items: ({ machine: { bootId } }) => [
      item(BootIDSpecSchema, { id: 'boot-id', message: { bootId }, yaml: { bootID: bootId } }),
    ],
  },
  {
    type: 'BootedEntries.talos.dev',
    namespace: RUNTIME,
    since: '1.11',
    columns: [['Booted Entry', '{.bootedEntry}']],
    items: ({ machine }) => {
      const { kind, booted } = machine.parts.state.bootloader;
      const spec = { bootedEntry: booted.label };
      return kind === 'grub'
        ? []
        : [item(BootedEntrySpecSchema, { id: 'bootedentry', message: spec, yaml: spec })];
    },
  },
  {
    type: 'SecurityStates.talos.dev',
    namespace: RUNTIME,
    since: '1.5',
    columns: [
      ['SecureBoot', '{.secureBoot}'],
      ['UKISigningKeyFingerprint', '{.ukiSigningKeyFingerprint}'],
      ['PCRSigningKeyFingerprint', '{.pcrSigningKeyFingerprint}'],
      ['SELinuxState', '{.selinuxState}'],
    ],
    items: ({ machine, world }) => {
      const bootedWithUKI = machine.parts.state.bootloader.kind === 'sd-boot';
      const { secureBoot } = world.settings;
      // Only from 1.11 on does it say which way it boots.
      const uki = since(machine.version, '1.11') ? { bootedWithUKI } : {};
      const message = { secureBoot, bootedWithUki: uki.bootedWithUKI ?? false };
      const yaml = {
        secureBoot,
        ukiSigningKeyFingerprint: '',
        pcrSigningKeyFingerprint: '',
        selinuxState: 'disabled',
        ...uki,
      };
      return [item(SecurityStateSpecSchema, { id: 'securitystate', message, yaml })];
    },
  },
  {
    type: 'MetaKeys.runtime.talos.dev',
    namespace: RUNTIME,
    since: '1.4',
    aliases: ['meta'],
    columns: [['Value', '{.value}']],
    items: ({ machine }) => {
      const tag = machine.parts.state.shownUpgradeTag;
      return tag === null
        ? []
        : [item(MetaKeySpecSchema, { id: '0x06', message: { value: tag }, yaml: { value: tag } })];
    },
  },
  {
    type: 'ExtensionStatuses.runtime.talos.dev',
    namespace: RUNTIME,
    aliases: ['extensions'],
    columns: [
      ['Name', '{.metadata.name}'],
      ['Version', '{.metadata.version}'],
    ],
    items: ({ machine: { schematic, version }, world: { shelf } }) => {
      if (schematic === '') return [];
      const known = shelf.schematic(schematic);
      const metadata = {
        name: 'schematic',
        version: schematic,
        author: `Image Factory (${FACTORY})`,
        description: 'Virtual extension which specifies the schematic of the image built with Image Factory.',
        // Factory images have it since 1.7.
        extraInfo: since(version, '1.7') ? (known?.text ?? 'customization: {}\n') : '',
      };
      const real = shelf.extensionsOf(schematic).map((name) => ({
        image: `${name}.sqsh`,
        metadata: { name, version: 'v1.0.0', author: 'Sidero Labs', description: '', extraInfo: '' },
      }));
      return [...real, { image: '', metadata }].map((spec, index) =>
        item(LayerSchema, { id: String(index), message: spec, yaml: spec }),
      );
    },
  },
  {
    type: 'ImageFactorySchematics.runtime.talos.dev',
    namespace: RUNTIME,
    since: '1.14',
    columns: [
      ['Schematic ID', '{.schematicId}'],
      ['Flavor', '{.flavor}'],
      ['API URL', '{.apiUrl}'],
    ],
    items: ({ machine: { schematic } }) => {
      if (schematic === '') return [];
      const message = { schematicId: schematic, flavor: 'Image Factory', apiurl: FACTORY };
      const yaml = { schematicId: schematic, flavor: 'Image Factory', apiUrl: FACTORY };
      return [item(ImageFactorySchematicSpecSchema, { id: 'image-factory-schematic', message, yaml })];
    },
  },
  {
    type: 'PlatformMetadatas.talos.dev',
    namespace: RUNTIME,
    since: '1.3',
    columns: [
      ['Platform', '{.platform}'],
      ['Type', '{.instanceType}'],
      ['Region', '{.region}'],
      ['Zone', '{.zone}'],
    ],
    items: ({ machine }) => {
      const spec = { platform: machine.platform, hostname: machine.node.name };
      return [item(PlatformMetadataSpecSchema, { id: 'platformmetadata', message: spec, yaml: spec })];
    },
  },
  {
    type: 'Diagnostics.runtime.talos.dev',
    namespace: RUNTIME,
    since: '1.8',
    columns: [['Message', '{.message}']],
    items: ({ machine }) => {
      const sick = machine.status().unmet.some((one) => one.name === 'services');
      if (!sick || machine.status().stage !== 'running') return [];
      const spec = {
        message: 'kubelet server certificate rotation is enabled, but CSR is not approved',
        details: [],
      };
      return [item(DiagnosticSpecSchema, { id: 'kubelet-csr', message: spec, yaml: spec })];
    },
  },
  {
    type: 'Services.v1alpha1.talos.dev',
    namespace: RUNTIME,
    aliases: ['svc'],
    columns: [
      ['Running', '{.running}'],
      ['Healthy', '{.healthy}'],
      ['Health Unknown', '{.unknown}'],
    ],
    items: ({ machine }) =>
      machine.services().map(({ id, state, healthy }) => {
        const spec = { running: state === 'Running', healthy, unknown: false };
        return item(ServiceSpecSchema, { id, message: spec, yaml: spec });
      }),
  },
  {
    type: 'SystemDisks.block.talos.dev',
    namespace: RUNTIME,
    since: '1.8',
    columns: [['Disk', '{.diskID}']],
    items: ({ machine }) => {
      const devPath = machine.parts.knobs.upkeep.systemDisk;
      const diskId = devPath.replace(/^\/dev\//, '');
      const yaml = { diskID: diskId, devPath };
      return [item(SystemDiskSpecSchema, { id: 'system-disk', message: { diskId, devPath }, yaml })];
    },
  },
];

// The rows about installer images: what is kept, what is lost, and what registries have.
import type { Check } from '../../src/checks/checklist.ts';
import type { Level } from '../../src/checks/finding.ts';
import { extensionsAreKept, imagesAreKnown, imagesExist } from '../../src/checks/images.ts';
import type { Answer } from '../../src/cluster/answer.ts';
import type { ImageAsked, ImageSeen } from '../../src/cluster/image.ts';
import type { Becoming, SchematicWish } from '../../src/cluster/schematic.ts';
import { aCluster, SCHEMATIC, type SnapshotBuilder } from '../builders/snapshot.ts';

export interface Row {
  readonly check: Check;
  readonly what: string;
  readonly cluster: SnapshotBuilder;
  readonly asked?: ImageAsked;
  readonly level: Level;
  readonly subject?: string;
  readonly says?: string;
}

const OTHER = 'bb'.repeat(32);
const KEPT = `factory.example/metal-installer/${SCHEMATIC}:v1.13.5`;
const CHANGED = `factory.example/metal-installer/${OTHER}:v1.13.5`;
const THERE: Answer<ImageSeen> = { kind: 'said', value: { kind: 'exists', digest: null } };

export const ASKED: ImageAsked = {
  target: 'v1.13.5',
  factory: 'factory.example',
  images: new Map([[KEPT, THERE]]),
};

function askedFor(wish: SchematicWish, becoming: Becoming): ImageAsked {
  const becomings = new Map([[`factory.example/${SCHEMATIC}`, becoming]]);
  return { ...ASKED, wish, becomings, images: new Map([[CHANGED, THERE]]) };
}

const PLUS: SchematicWish = { kind: 'change', add: ['zfs'], remove: [] };
const MINUS: SchematicWish = { kind: 'change', add: [], remove: ['iscsi-tools'] };
const becomes = (...extensions: readonly string[]): Becoming => ({ kind: 'known', id: OTHER, extensions });

export const IMAGE_ROWS: readonly Row[] = [
  { check: imagesAreKnown, what: 'schematics are kept', cluster: aCluster(), level: 'ok' },
  {
    check: imagesAreKnown,
    what: 'extensions without a schematic',
    cluster: aCluster().machine('worker-2', { schematic: null }),
    level: 'blocker',
    says: 'iscsi-tools',
  },
  {
    check: imagesAreKnown,
    what: 'extensions without a schematic on a machine that is left alone',
    cluster: aCluster().machine('worker-2', { schematic: null, version: 'v1.13.5' }),
    level: 'ok',
  },
  {
    check: imagesAreKnown,
    what: 'an extension nobody offers',
    cluster: aCluster(),
    asked: askedFor(PLUS, { kind: 'refused', why: 'Talos v1.13.5 has no official extension called zfs' }),
    level: 'blocker',
    says: 'no official extension',
  },
  {
    check: imagesAreKnown,
    what: 'a factory that does not answer',
    cluster: aCluster(),
    asked: askedFor(PLUS, { kind: 'silent', why: 'factory.example cannot be reached (ECONNREFUSED).' }),
    level: 'unknown',
    says: 'cannot be reached (ECONNREFUSED).',
  },
  {
    check: extensionsAreKept,
    what: 'one that was named goes, one comes',
    cluster: aCluster(),
    asked: askedFor(MINUS, becomes('siderolabs/zfs')),
    level: 'ok',
  },
  {
    check: extensionsAreKept,
    what: 'a schematic takes away what was not named',
    cluster: aCluster(),
    asked: askedFor({ kind: 'id', id: OTHER }, becomes('siderolabs/zfs')),
    level: 'blocker',
    says: 'cp-1 loses iscsi-tools',
  },
  {
    check: extensionsAreKept,
    what: 'a schematic brings something and keeps the rest',
    cluster: aCluster(),
    asked: askedFor({ kind: 'id', id: OTHER }, becomes('siderolabs/zfs', 'siderolabs/iscsi-tools')),
    level: 'ok',
  },
  {
    check: extensionsAreKept,
    what: 'the schematic cannot be read',
    cluster: aCluster(),
    asked: askedFor({ kind: 'id', id: OTHER }, { kind: 'known', id: OTHER, extensions: null }),
    level: 'unknown',
    says: 'whether cp-1 keeps iscsi-tools',
  },
  {
    check: extensionsAreKept,
    what: 'nobody looks into schematics',
    cluster: aCluster(),
    asked: {
      target: 'v1.13.5',
      factory: 'factory.example',
      wish: { kind: 'id', id: OTHER },
      becomings: new Map([[`factory.example/${SCHEMATIC}`, { kind: 'known', id: OTHER, extensions: null }]]),
    },
    level: 'skipped',
    says: 'switched off',
  },
  {
    check: extensionsAreKept,
    what: 'what shall go is nowhere',
    cluster: aCluster(),
    asked: askedFor({ kind: 'change', add: [], remove: ['gvisor'] }, becomes('siderolabs/iscsi-tools')),
    level: 'warning',
    says: 'No machine runs gvisor',
  },
  { check: imagesExist, what: 'all do', cluster: aCluster(), level: 'ok' },
  {
    check: imagesExist,
    what: 'nobody is asked',
    cluster: aCluster(),
    asked: { target: 'v1.13.5', factory: 'factory.example' },
    level: 'skipped',
    says: 'switched off',
  },
  {
    check: imagesExist,
    what: 'one does not',
    cluster: aCluster().machine('worker-2', { platform: 'aws' }),
    asked: {
      ...ASKED,
      images: new Map([
        [KEPT, THERE],
        [
          `factory.example/aws-installer/${SCHEMATIC}:v1.13.5`,
          { kind: 'said', value: { kind: 'missing', why: 'version not found' } },
        ],
      ]),
    },
    level: 'blocker',
    subject: 'worker-2',
    says: 'version not found',
  },
  {
    check: imagesExist,
    what: 'a registry is silent',
    cluster: aCluster(),
    asked: { ...ASKED, images: new Map([[KEPT, { kind: 'silent', why: 'no route' }]]) },
    level: 'unknown',
    says: 'no route',
  },
  {
    check: imagesExist,
    what: 'an image nobody asked about',
    cluster: aCluster().machine('worker-1', { platform: 'aws' }),
    level: 'unknown',
    subject: 'worker-1',
  },
  {
    check: imagesExist,
    what: 'a machine that is left alone needs none',
    cluster: aCluster({ version: 'v1.13.5' }),
    asked: { ...ASKED, images: new Map() },
    level: 'ok',
  },
  {
    check: imagesAreKnown,
    what: 'a machine does not tell whether it boots securely',
    cluster: aCluster().inspected('cp-1', { secureBoot: { kind: 'absent' } }),
    level: 'unknown',
    says: 'boots securely',
  },
  {
    check: imagesAreKnown,
    what: 'a machine is older than secure boot',
    cluster: aCluster().inspected('cp-1', { secureBoot: { kind: 'unsupported' } }),
    level: 'ok',
  },
];

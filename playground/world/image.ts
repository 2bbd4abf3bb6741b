/** Installer image references: what they name, and which of them exist. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import gte from 'semver/functions/gte.js';
import parse from 'semver/functions/parse.js';
import { WorldError } from './error.ts';

/** The schematic of an image without customisation (facts/talos-api.md 8.1). */
export const DEFAULT_SCHEMATIC = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';

export interface InstallerImage {
  readonly ref: string;
  readonly repository: string;
  /** With the leading v. */
  readonly version: string;
  /** Empty for an image that is not from an image factory. */
  readonly schematic: string;
  /** The platform in its name; null for an image that takes the machine's own. */
  readonly platform: string | null;
  /** Whether its UKI is signed, as firmware with secure boot wants it. */
  readonly signed: boolean;
  /** `<repository>@sha256:…`, what a finished pull answers. */
  readonly pinned: string;
  readonly digest: string;
}

const REFERENCE =
  /^([a-z0-9.-]+(?::\d+)?\/[a-z0-9._/-]+):([A-Za-z0-9_][A-Za-z0-9._-]*)(?:@(sha256:[0-9a-f]{64}))?$/;
const FACTORY_NAME = /(?:^|\/)(?:([a-z0-9]+)-)?installer(-secureboot)?\/([0-9a-f]{64})$/;
const SIGNED_TAG = /-amd64-secureboot$/;

function digestOf(reference: string): string {
  return `sha256:${bytesToHex(sha256(utf8ToBytes(reference)))}`;
}

/**
 * Reads an image reference with a tag.
 * @throws WorldError UNKNOWN when it is malformed, NOT_FOUND when its tag is no version (facts/talos-api.md 3.1)
 */
export function parseImage(ref: string): InstallerImage {
  const match = REFERENCE.exec(ref);
  const repository = match?.[1];
  const tag = match?.[2];
  if (match === null || repository === undefined || tag === undefined)
    throw new WorldError('UNKNOWN', `failed to parse image reference: "${ref}": invalid reference format`);
  const version = tag.replace(SIGNED_TAG, '');
  if (!version.startsWith('v') || parse(version) === null) throw missing(ref);
  const digest = match[3] ?? digestOf(`${repository}:${tag}`);
  const [factory, name, secureBoot, schematic = ''] = FACTORY_NAME.exec(repository) ?? [];
  return {
    ref,
    repository,
    version,
    schematic,
    // The old factory name is that of metal (facts/talos-api.md 8.1).
    platform: factory === undefined ? null : (name ?? 'metal'),
    signed: secureBoot !== undefined || SIGNED_TAG.test(tag),
    digest,
    pinned: `${repository}@${digest}`,
  };
}

/** The error of a pull whose image the registry does not have. */
export function missing(ref: string): WorldError {
  return new WorldError(
    'NOT_FOUND',
    `error pulling image: failed to resolve reference "${ref}": ${ref}: not found`,
  );
}

/** Whether the registry has it: the official installer is not published from 1.14 on (facts/talos-api.md 8.1). */
export function isPublished(image: InstallerImage): boolean {
  return !(image.repository === 'ghcr.io/siderolabs/installer' && gte(image.version, '1.14.0'));
}

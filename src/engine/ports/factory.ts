// The Image Factory and the registries of installer images: what versions, schematics and extensions there are, and whether an image exists.
import type { ImageSeen } from '../../cluster/image.ts';
import type { SchematicData } from '../../cluster/schematic.ts';

/** An official system extension of one Talos version. */
export interface OfficialExtension {
  /** With its author: `siderolabs/iscsi-tools`. */
  readonly name: string;
  readonly description: string;
}

export interface ManifestOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds the registry may take: the factory builds an image when somebody first asks for it. */
  readonly limitMs?: number;
}

/**
 * `registry` is the host of a factory as image references name it, e.g. `factory.talos.dev`. All methods reject with Fault;
 * they are reads, or as good as: creating a schematic that exists answers with its id (talos-api.md 8.2).
 */
export interface ImageFactory {
  /** Installable Talos versions with their leading v, oldest first. */
  versions(registry: string): Promise<readonly string[]>;
  /** Fault `missing` for an id the factory does not know. */
  schematic(registry: string, id: string): Promise<SchematicData>;
  /** Resolves with the id, 64 hex digits. Fault `refused` when the factory does not take it. */
  createSchematic(registry: string, data: SchematicData): Promise<string>;
  /** Fault `missing` for a version the factory does not know. */
  extensions(registry: string, version: string): Promise<readonly OfficialExtension[]>;
  /** `image` is a whole reference with its tag. May take minutes. */
  manifest(image: string, options?: ManifestOptions): Promise<ImageSeen>;
  close(): Promise<void>;
}

// Which installer image a machine needs: its schematic, platform, secure boot and registry are kept, unless another schematic was asked for.

import { type Answer, said } from './answer.ts';
import type { CompatibilityTable } from './compatibility.ts';
import { type Becoming, PLAIN_SCHEMATIC, type SchematicWish } from './schematic.ts';
import type { MachineView, NodeSnapshot } from './snapshot.ts';
import { compareVersions, type Minors, sameVersion } from './version.ts';

export type ImageNeeds = Pick<
  MachineView,
  'version' | 'platform' | 'schematic' | 'extensions' | 'factoryUrl'
> & {
  /** Null when nobody could say. */
  readonly secureBoot: boolean | null;
};

/** What a node's image must keep; null when its machine does not answer. */
export function imageNeedsOf(node: Pick<NodeSnapshot, 'machine' | 'inspection'>): ImageNeeds | null {
  const machine = said(node.machine);
  if (machine === null) return null;
  const secureBoot = said(node.inspection)?.secureBoot ?? null;
  // Before the question existed, secure boot did not either (talos-api.md 6.2).
  if (secureBoot?.kind === 'unsupported') return { ...machine, secureBoot: false };
  return { ...machine, secureBoot: secureBoot?.kind === 'said' ? secureBoot.value : null };
}

/** What was asked of the cluster, and what the factory answered about it. */
export interface ImageAsked {
  /** The Talos version asked for, with its leading v. */
  readonly target: string;
  /** The configured Image Factory's registry host. */
  readonly factory: string;
  /** Absent: every machine keeps its schematic. */
  readonly wish?: SchematicWish;
  /** By `baseOf`; only asked for when a wish changes schematics. */
  readonly becomings?: ReadonlyMap<string, Becoming>;
  /** By image reference; absent when the check is switched off. */
  readonly images?: ReadonlyMap<string, Answer<ImageSeen>>;
  /** Which Talos takes which; absent: the table the bot was made with. */
  readonly compatibility?: CompatibilityTable;
  /** Whether minors of Talos may be skipped; absent: one by one. */
  readonly minors?: Minors;
}

/** What a registry says about an image reference. */
export type ImageSeen =
  | { readonly kind: 'exists'; readonly digest: string | null }
  | { readonly kind: 'missing'; readonly why: string };

export type ImageChoice =
  | {
      readonly kind: 'image';
      readonly image: string;
      /** Null for an image that has none (the plain installer). */
      readonly schematic: string | null;
      /** What the new image holds; null when nobody looked into the schematic. */
      readonly extensions: readonly string[] | null;
    }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

export const PUBLIC_FACTORY = 'factory.talos.dev';

/**
 * The registry host of a machine's images. A private factory that the machine names itself is kept (talos-api.md 8.3); a host that
 * somebody configured is meant, and wins.
 */
export function registryOf(machine: Pick<ImageNeeds, 'factoryUrl'>, configured: string): string {
  if (configured !== PUBLIC_FACTORY) return configured;
  const [, host] = /^https?:\/\/([a-z0-9.-]+(?::\d+)?)(?:\/|$)/i.exec(machine.factoryUrl ?? '') ?? [];
  return host?.toLowerCase() ?? configured;
}

/** What machines have in common whose schematics become the same: registry and schematic. */
export function baseOf(
  machine: Pick<ImageNeeds, 'schematic' | 'factoryUrl'>,
  configured: string,
): { readonly key: string; readonly registry: string; readonly schematic: string | null } {
  const registry = registryOf(machine, configured);
  return { key: `${registry}/${machine.schematic ?? ''}`, registry, schematic: machine.schematic };
}

/** Whether anything can have to change on this machine: the version differs, or a schematic was asked for. */
export function mayNeedImage(machine: Pick<ImageNeeds, 'version'>, asked: ImageAsked): boolean {
  return !sameVersion(machine.version, asked.target) || changesSchematics(asked.wish);
}

export function changesSchematics(wish: SchematicWish | undefined): boolean {
  return wish !== undefined && wish.kind !== 'keep';
}

/** Whether the machine must be installed anew; a choice that could not be made counts as yes, so that it is looked into. */
export function mustChange(machine: ImageNeeds, asked: ImageAsked, choice: ImageChoice): boolean {
  if (!sameVersion(machine.version, asked.target)) return true;
  if (!changesSchematics(asked.wish)) return false;
  return choice.kind !== 'image' || (choice.schematic ?? PLAIN_SCHEMATIC) !== plainly(machine);
}

/** A plain installer image and the factory's plain schematic are the same system. */
function plainly(machine: Pick<ImageNeeds, 'schematic'>): string {
  return machine.schematic ?? PLAIN_SCHEMATIC;
}

/** Returns the image for this machine; refused with a reason that completes "<node>: …" when any image would harm it. */
export function installerImage(machine: ImageNeeds, asked: ImageAsked): ImageChoice {
  if (machine.platform === 'container')
    return refused('it runs in a container, which is replaced and not upgraded');
  const becoming = becomingOf(machine, asked);
  if (becoming.kind === 'refused') return becoming;
  if (becoming.kind === 'silent') return { kind: 'unknown', why: becoming.why };
  if (machine.secureBoot === null)
    return { kind: 'unknown', why: 'it does not say whether it boots securely, which its image must keep' };
  const { extensions } = becoming;
  // The official installer has no secure boot variant we may rely on, and is not published from 1.14 on (8.1).
  if (becoming.id === null && !machine.secureBoot && compareVersions(asked.target, 'v1.14.0-alpha.0') < 0)
    return {
      kind: 'image',
      image: `ghcr.io/siderolabs/installer:${asked.target}`,
      schematic: null,
      extensions,
    };
  const schematic = becoming.id ?? PLAIN_SCHEMATIC;
  if (sameVersion(machine.version, asked.target) && schematic !== plainly(machine)) {
    const why = overwriting(machine, asked.target);
    if (why !== null) return refused(why);
  }
  const name = installerName(machine, asked.target);
  if (name === null)
    return refused('it does not say which platform it runs on, so its image cannot be named');
  const image = `${registryOf(machine, asked.factory)}/${name}/${schematic}:${asked.target}`;
  return { kind: 'image', image, schematic, extensions };
}

function becomingOf(machine: ImageNeeds, asked: ImageAsked): Becoming {
  const { wish = { kind: 'keep' } } = asked;
  const nameless = machine.schematic === null && machine.extensions.length > 0;
  if (wish.kind !== 'id' && nameless) {
    const why = `it runs extensions (${machine.extensions.join(', ')}) but reports no Image Factory schematic, so an upgrade would lose them`;
    return { kind: 'refused', why };
  }
  if (wish.kind === 'keep') return { kind: 'known', id: machine.schematic, extensions: machine.extensions };
  const becoming = asked.becomings?.get(baseOf(machine, asked.factory).key);
  return becoming ?? { kind: 'silent', why: 'nobody asked the Image Factory what its schematic becomes' };
}

/**
 * On sd-boot an installer up to 1.10 writes the same version over the running one, which leaves no way back (talos-api.md 9.28, 10).
 * Whether a machine boots that way is not told before 1.11: with secure boot it does, before 1.10 without it does not.
 */
function overwriting(machine: ImageNeeds, target: string): string | null {
  if (compareVersions(target, 'v1.11.0-alpha.0') >= 0) return null;
  const end = `the installer of ${target} would overwrite the running system and leave no rollback`;
  if (machine.secureBoot) return `it boots with sd-boot, where ${end}`;
  return compareVersions(target, 'v1.10.0-alpha.0') < 0 ? null : `it may boot with sd-boot, where ${end}`;
}

/** The factory serves platform names since the 1.10 line; before, "installer" meant metal (8.1). */
function installerName({ platform, secureBoot }: ImageNeeds, target: string): string | null {
  const suffix = secureBoot ? '-secureboot' : '';
  if (compareVersions(target, 'v1.10.0-alpha.0') < 0) return `installer${suffix}`;
  return /^[a-z0-9][a-z0-9-]*$/.test(platform) ? `${platform}-installer${suffix}` : null;
}

function refused(why: string): ImageChoice {
  return { kind: 'refused', why };
}

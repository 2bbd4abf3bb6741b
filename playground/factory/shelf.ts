// The simulated factory without a wire: its schematics, what it offers, and which installer images it has or builds.
import parse from 'semver/functions/parse.js';
import { parseImage } from '../world/image.ts';
import { type Canonical, canonical } from './canonical.ts';
import { EXTENSIONS, KNOWN_SCHEMATICS, VERSIONS } from './catalog.ts';

/** How the factory answers for an image: at once or after a build, or not at all. */
export type Shelved =
  | { readonly kind: 'image'; readonly digest: string; readonly buildMs: number }
  | { readonly kind: 'refused'; readonly status: 400 | 404 | 500 | 503; readonly text: string };

export interface ShelfKnobs {
  /** Every image of this version, or of every version when '*', is missing. */
  missing: string | null;
  /** How much longer a build takes. */
  extraBuildMs: number;
  unavailable: boolean;
}

export const BUSY_TEXT = 'service temporarily unavailable';
/** Read once for all shelves: a play of a thousand worlds has a thousand of them. */
const KNOWN: readonly Canonical[] = KNOWN_SCHEMATICS.map(canonical);
const FOREIGN_NAME = /^(?:[a-z0-9-]+-)?installer(?:-secureboot)?$/;

export class FactoryShelf {
  readonly knobs: ShelfKnobs = { missing: null, extraBuildMs: 0, unavailable: false };
  readonly #schematics = new Map<string, Canonical>();
  readonly #built = new Set<string>();

  constructor() {
    for (const known of KNOWN) this.#schematics.set(known.id, known);
  }

  /** Throws Error with the reason for a body that is no schematic. Putting it again changes nothing. */
  put(body: string): Canonical {
    const read = canonical(body);
    this.#schematics.set(read.id, read);
    return read;
  }

  schematic(id: string): Canonical | null {
    return this.#schematics.get(id) ?? null;
  }

  /** What a machine that boots this schematic reports: short names, sorted. Empty for a schematic that was made elsewhere. */
  extensionsOf(id: string): readonly string[] {
    const names = this.#schematics.get(id)?.extensions ?? [];
    return names.map((name) => name.slice(name.lastIndexOf('/') + 1)).sort();
  }

  versions(): readonly string[] {
    return VERSIONS;
  }

  /** Null for a version there is not. */
  extensions(version: string): typeof EXTENSIONS | null {
    return parse(version) === null || !version.startsWith('v') ? null : EXTENSIONS;
  }

  /** An installer image of this factory. `ref` is how the asker names it: the digest follows from it. */
  image(
    ref: string,
    parts: { readonly name: string; readonly schematic: string; readonly tag: string },
  ): Shelved {
    const { name, schematic, tag } = parts;
    if (this.knobs.unavailable) return { kind: 'refused', status: 503, text: BUSY_TEXT };
    if (!FOREIGN_NAME.test(name)) return { kind: 'refused', status: 400, text: `invalid image: ${name}` };
    const known = this.#schematics.get(schematic);
    if (known === undefined)
      return { kind: 'refused', status: 404, text: `schematic "${schematic}" not found` };
    if (parse(tag) === null) return { kind: 'refused', status: 500, text: `error parsing version: ${tag}` };
    if (this.knobs.missing === '*' || this.knobs.missing === tag)
      return { kind: 'refused', status: 404, text: `installer image for version ${tag} not found` };
    const strange = known.extensions.find((one) => !EXTENSIONS.some((offered) => offered.name === one));
    if (strange !== undefined) {
      const text = `official extension "${strange}" is not available for Talos version ${tag}`;
      return { kind: 'refused', status: 400, text };
    }
    const buildMs = this.#built.has(ref) ? 0 : this.knobs.extraBuildMs;
    return { kind: 'image', digest: parseImage(ref).digest, buildMs };
  }

  /** From now on this image is there at once. */
  built(ref: string): void {
    this.#built.add(ref);
  }
}

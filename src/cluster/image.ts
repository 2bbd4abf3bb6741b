// Which installer image a machine needs: its schematic, platform and secure boot are kept, only the version changes.
import { compareVersions } from './version.ts';

/** The schematic without any customisation: what a plain ghcr installer is, said the factory's way (talos-api.md 8.1). */
const PLAIN_SCHEMATIC = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';

export interface ImageNeeds {
  readonly platform: string;
  readonly schematic: string | null;
  readonly extensions: readonly string[];
  readonly secureBoot: boolean;
}

export type ImageChoice =
  | { readonly kind: 'image'; readonly image: string; readonly schematic: string | null }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Returns the image reference for a target version. `factory` is the Image Factory's registry host.
 * Refused when the machine has extensions and no schematic: any image we could name would lose them.
 */
export function installerImage(needs: ImageNeeds, target: string, factory: string): ImageChoice {
  if (needs.schematic === null && needs.extensions.length > 0) {
    return {
      kind: 'refused',
      why: `it runs extensions (${needs.extensions.join(', ')}) but reports no Image Factory schematic, so an upgrade would lose them`,
    };
  }
  if (needs.schematic === null && !needs.secureBoot && compareVersions(target, 'v1.14.0-alpha.0') < 0) {
    return { kind: 'image', image: `ghcr.io/siderolabs/installer:${target}`, schematic: null };
  }
  const schematic = needs.schematic ?? PLAIN_SCHEMATIC;
  const secure = needs.secureBoot ? '-secureboot' : '';
  // The factory serves platform names since the 1.10 line; before, "installer" meant metal (8.1).
  const name = compareVersions(target, 'v1.10.0-alpha.0') >= 0 ? `${needs.platform}-installer` : 'installer';
  return { kind: 'image', image: `${factory}/${name}${secure}/${schematic}:${target}`, schematic };
}

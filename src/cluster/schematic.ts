// Image Factory schematics as plain data: which extensions they name, and how they are altered. YAML is read and written at the border.

/** Fields we do not know are carried along: a schematic also holds kernel arguments, overlays and more. */
export type SchematicData = Readonly<Record<string, unknown>>;

/** What was asked about extensions beside the version. Names are as people type them, short or with their author. */
export type SchematicWish =
  | { readonly kind: 'keep' }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'change'; readonly add: readonly string[]; readonly remove: readonly string[] };

/** What the schematic of some machines becomes; `extensions` null when nobody could look into it. */
export type Becoming =
  | { readonly kind: 'known'; readonly id: string | null; readonly extensions: readonly string[] | null }
  /** A person has to ask for something else. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'silent'; readonly why: string };

/** The schematic without any customisation: what a plain installer image is, said the factory's way (talos-api.md 8.1). */
export const PLAIN_SCHEMATIC = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
export const PLAIN_DATA: SchematicData = { customization: {} };

/** `siderolabs/iscsi-tools` is what the factory calls an extension that a machine reports as `iscsi-tools`. */
export function shortName(extension: string): string {
  return extension.slice(extension.lastIndexOf('/') + 1);
}

/** Old and new names of the same extension, short: the factory takes both (its table of aliases, talos-api.md 8.2). */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['v4l-uvc', 'v4l-uvc-drivers'],
  ['usb-modem', 'usb-modem-drivers'],
  ['gasket', 'gasket-driver'],
  ['talos-vmtoolsd', 'vmtoolsd-guest-agent'],
  ['xe-guest-utilities', 'xen-guest-agent'],
  ['nvidia-container-toolkit', 'nvidia-container-toolkit-lts'],
  ['nvidia-open-gpu-kernel-modules', 'nvidia-open-gpu-kernel-modules-lts'],
  ['nonfree-kmod-nvidia', 'nonfree-kmod-nvidia-lts'],
  ['nvidia-fabricmanager', 'nvidia-fabricmanager-lts'],
  ['nvidia-fabric-manager-lts', 'nvidia-fabricmanager-lts'],
  ['i915-ucode', 'i915'],
  ['amdgpu-firmware', 'amdgpu'],
]);

function presentName(extension: string): string {
  const short = shortName(extension);
  return RENAMED.get(short) ?? short;
}

/** Whether two names mean the same extension; a name with an author means only that author's. */
export function sameExtension(a: string, b: string): boolean {
  if (a.includes('/') && b.includes('/') && authorOf(a) !== authorOf(b)) return false;
  return presentName(a) === presentName(b);
}

function authorOf(extension: string): string {
  return extension.slice(0, extension.lastIndexOf('/'));
}

/** Names of the first list that the second does not have. */
export function extensionsWithout(names: readonly string[], others: readonly string[]): readonly string[] {
  return names.filter((name) => !others.some((other) => sameExtension(name, other)));
}

/** The official extensions a schematic names, with their authors; null when it is not formed as a schematic. */
export function extensionsIn(data: SchematicData): readonly string[] | null {
  const customization = data['customization'] ?? {};
  if (!isData(customization)) return null;
  const system = customization['systemExtensions'] ?? {};
  if (!isData(system)) return null;
  const official = system['officialExtensions'] ?? [];
  return Array.isArray(official) && official.every((name) => typeof name === 'string') ? official : null;
}

export type Altered =
  | { readonly kind: 'altered'; readonly data: SchematicData; readonly extensions: readonly string[] }
  /** It already is what was asked: its id stays. */
  | { readonly kind: 'same'; readonly extensions: readonly string[] }
  | { readonly kind: 'malformed' };

/** Adds and removes official extensions (full names to add, any names to remove); everything else stays as it is. */
export function altered(
  data: SchematicData,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Altered {
  const before = extensionsIn(data);
  if (before === null) return { kind: 'malformed' };
  const kept = extensionsWithout(before, change.remove);
  const added = extensionsWithout(change.add, kept);
  if (added.length === 0 && kept.length === before.length) return { kind: 'same', extensions: before };
  // Sorted as the factory's own page does, so that equal sets get equal ids and an image that is already built.
  const extensions = [...new Set([...kept, ...added])].sort();
  const customization = isData(data['customization']) ? data['customization'] : {};
  const system = isData(customization['systemExtensions']) ? customization['systemExtensions'] : {};
  return {
    kind: 'altered',
    extensions,
    data: {
      ...data,
      customization: {
        ...customization,
        systemExtensions: { ...system, officialExtensions: extensions },
      },
    },
  };
}

/** Equal as the factory sees them: the order of fields and empty fields mean nothing, the order of a list does. */
export function sameSchematic(a: SchematicData, b: SchematicData): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isData(value)) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .map(([key, field]) => [key, canonical(field)] as const)
    .filter(([, text]) => !EMPTY.includes(text))
    .sort(([x], [y]) => (x < y ? -1 : 1));
  return `{${fields.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}

/** What the factory leaves out of its canonical form. */
const EMPTY = ['{}', '[]', '""', 'null', 'false', '0'];

function isData(value: unknown): value is SchematicData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Suggestions for a name nobody offers. */
const MAX_NEAR = 3;

/** From names as people type them to what the factory offers for a version, or a sentence about the first it does not. */
export function resolved(
  asked: readonly string[],
  offered: readonly string[],
  version: string,
):
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: string } {
  const names: string[] = [];
  for (const name of asked) {
    const exact = offered.filter((one) => one === name || shortName(one) === name);
    const found = exact.length > 0 ? exact : offered.filter((one) => sameExtension(one, name));
    const [only, second] = found;
    if (second !== undefined) {
      return { kind: 'unknown', why: `${name} may be ${found.join(' or ')}: name it with its author` };
    }
    if (only === undefined) {
      const near = offered.filter((one) => one.includes(shortName(name)) || name.includes(shortName(one)));
      const hint = near.length === 0 ? '' : `; there is ${near.slice(0, MAX_NEAR).map(shortName).join(', ')}`;
      return { kind: 'unknown', why: `Talos ${version} has no official extension called ${name}${hint}` };
    }
    names.push(only);
  }
  return { kind: 'names', names };
}

/** Changes named in a title. */
const MAX_DESCRIBED = 4;

/** A clause behind a version: " with +iscsi-tools −foo", " with schematic ce4c9805…"; empty when schematics are kept. */
export function describeWish(wish: SchematicWish | undefined): string {
  if (wish === undefined || wish.kind === 'keep') return '';
  if (wish.kind === 'id') return ` with schematic ${shortId(wish.id)}`;
  const changes = [...wish.add.map((name) => `+${name}`), ...wish.remove.map((name) => `−${name}`)];
  const hidden = changes.length - MAX_DESCRIBED;
  return ` with ${changes.slice(0, MAX_DESCRIBED).join(' ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}

/** Enough of an id to tell two apart by eye. */
export function shortId(id: string): string {
  return `${id.slice(0, 8)}…`;
}

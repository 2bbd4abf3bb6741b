// Asks the Image Factory what a plan needs to know before it can be made: what schematics become, and whether the images exist.
import { imagesWanted } from '../checks/images.ts';
import { type Answer, said } from '../cluster/answer.ts';
import { baseOf, type ImageAsked, type ImageSeen } from '../cluster/image.ts';
import {
  altered,
  type Becoming,
  extensionsIn,
  PLAIN_DATA,
  resolved,
  type SchematicWish,
} from '../cluster/schematic.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { eachOf } from './bounded.ts';
import { answer } from './patience.ts';
import type { ImageFactory, ManifestOptions } from './ports/factory.ts';
import { faultOf } from './ports/fault.ts';

export interface ImageWork {
  readonly factory: ImageFactory;
  /** off: nobody is asked whether images exist (an installation without a way to the registries). */
  readonly check: 'on' | 'off';
}

export interface ImageQuestion {
  readonly snapshot: Snapshot;
  readonly target: string;
  /** The configured Image Factory's registry host. */
  readonly factory: string;
  readonly wish?: SchematicWish;
}

/** Questions in flight at a time: a factory builds what it is asked for, and it is shared with the whole world. */
const ASK_WIDTH = 4;

/** Never rejects: what does not answer is written down as silent. */
export async function askImages(
  work: ImageWork,
  question: ImageQuestion,
  options: ManifestOptions = {},
): Promise<ImageAsked> {
  const { snapshot, target, factory, wish } = question;
  const about = { target, factory, ...(wish === undefined ? {} : { wish }) };
  const becomings =
    wish === undefined || wish.kind === 'keep' ? null : await askBecomings(work, question, wish);
  const asked: ImageAsked = { ...about, ...(becomings === null ? {} : { becomings }) };
  if (work.check === 'off') return asked;
  const images = [...imagesWanted(snapshot, asked).keys()];
  const answers = await eachOf(
    images,
    ASK_WIDTH,
    async (image): Promise<readonly [string, Answer<ImageSeen>]> => [
      image,
      await answer(work.factory.manifest(image, options)),
    ],
  );
  return { ...asked, images: new Map(answers) };
}

type Base = ReturnType<typeof baseOf>;

/** Once per schematic that runs somewhere, however many machines run it. */
async function askBecomings(
  work: ImageWork,
  { snapshot, target, factory }: ImageQuestion,
  wish: Exclude<SchematicWish, { kind: 'keep' }>,
): Promise<ReadonlyMap<string, Becoming>> {
  const bases = new Map<string, Base>();
  for (const node of snapshot.nodes) {
    const machine = said(node.machine);
    if (machine === null) continue;
    const base = baseOf(machine, factory);
    bases.set(base.key, base);
  }
  const asked = await eachOf(
    [...bases.values()],
    ASK_WIDTH,
    async (base): Promise<readonly [string, Becoming]> => [
      base.key,
      await becoming(work, base, { target, wish }),
    ],
  );
  return new Map(asked);
}

async function becoming(
  work: ImageWork,
  base: Base,
  { target, wish }: { readonly target: string; readonly wish: Exclude<SchematicWish, { kind: 'keep' }> },
): Promise<Becoming> {
  try {
    return wish.kind === 'id'
      ? await named(work, base, wish.id)
      : await changed(work, base, { target, wish });
  } catch (error) {
    const fault = faultOf(error);
    return {
      kind: fault.kind === 'missing' || fault.kind === 'refused' ? 'refused' : 'silent',
      why: fault.message,
    };
  }
}

/** A schematic a person names is looked into, so that the plan can say what it brings and what it takes away. */
async function named({ factory, check }: ImageWork, base: Base, id: string): Promise<Becoming> {
  if (check === 'off') return { kind: 'known', id, extensions: null };
  return { kind: 'known', id, extensions: extensionsIn(await factory.schematic(base.registry, id)) };
}

async function changed(
  { factory }: ImageWork,
  { registry, schematic }: Base,
  { target, wish }: { readonly target: string; readonly wish: Extract<SchematicWish, { kind: 'change' }> },
): Promise<Becoming> {
  const [offered, data] = await Promise.all([
    wish.add.length === 0 ? [] : factory.extensions(registry, target),
    schematic === null ? PLAIN_DATA : factory.schematic(registry, schematic),
  ]);
  const add = resolved(
    wish.add,
    offered.map(({ name }) => name),
    target,
  );
  if (add.kind === 'unknown') return { kind: 'refused', why: add.why };
  const change = altered(data, { add: add.names, remove: wish.remove });
  switch (change.kind) {
    case 'malformed':
      return { kind: 'silent', why: `the Image Factory's schematic ${schematic ?? ''} cannot be read` };
    case 'same':
      return { kind: 'known', id: schematic, extensions: change.extensions };
    case 'altered':
      return {
        kind: 'known',
        id: await factory.createSchematic(registry, change.data),
        extensions: change.extensions,
      };
  }
}

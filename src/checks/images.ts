// Checks on installer images: every machine can keep what it is made of, nothing is lost by surprise, and the images exist.
import {
  type ImageAsked,
  type ImageChoice,
  type ImageNeeds,
  imageNeedsOf,
  installerImage,
  mayNeedImage,
  mustChange,
} from '../cluster/image.ts';
import { extensionsWithout, sameExtension } from '../cluster/schematic.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { type Finding, type Level, summed } from './finding.ts';
import { nobodyTold, noneAnswers } from './inspected.ts';

/** What only a machine can tell, and every check on its image needs. */
const WHAT = 'which image it needs';

interface Wanted {
  readonly node: string;
  readonly machine: ImageNeeds;
  readonly choice: ImageChoice;
}

/** Every machine that answers and may have to be installed, with the image it would get. */
function wantedOf(snapshot: Snapshot, asked: ImageAsked): readonly Wanted[] {
  return snapshot.nodes.flatMap((node): Wanted[] => {
    const machine = imageNeedsOf(node);
    if (machine === null || !mayNeedImage(machine, asked)) return [];
    return [{ node: node.name, machine, choice: installerImage(machine, asked) }];
  });
}

/** Expects an image for every machine that keeps its schematic, platform and secure boot, or takes the schematic asked for. */
export function imagesAreKnown(snapshot: Snapshot, asked: ImageAsked): readonly Finding[] {
  const check = 'installer-image';
  if (noneAnswers(snapshot)) return [nobodyTold(check, WHAT)];
  const troubles: Finding[] = wantedOf(snapshot, asked).flatMap(({ node, choice }): Finding[] => {
    if (choice.kind === 'image') return [];
    const level: Level = choice.kind === 'refused' ? 'blocker' : 'unknown';
    const sentence = `${node}: ${choice.why.replace(/\.$/, '')}.`;
    return [{ check, level, subject: node, sentence, advice: adviceFor(choice) }];
  });
  return summed(check, troubles, 'Every machine has an installer image that keeps what it is made of.');
}

function adviceFor(choice: Exclude<ImageChoice, { kind: 'image' }>): string {
  if (choice.why.includes('boots securely')) return 'Ask again once it has come up.';
  if (choice.kind === 'unknown') return 'Make the Image Factory reachable for the bot, then ask again.';
  if (choice.why.includes('no Image Factory schematic'))
    return 'Create a schematic with the same extensions at the Image Factory, and ask again with --schematic and its id.';
  if (choice.why.includes('no rollback'))
    return 'Upgrade to 1.11 or newer first, and change extensions there.';
  return 'Ask for something else.';
}

/**
 * Expects no machine to lose an extension that nobody named (kubernetes.md 5, failure 12): without its storage or its network it
 * is broken. Warns when something named is nowhere.
 */
export function extensionsAreKept(snapshot: Snapshot, asked: ImageAsked): readonly Finding[] {
  const check = 'extensions';
  if (noneAnswers(snapshot)) return [nobodyTold(check, WHAT)];
  const { wish } = asked;
  const wanted = wantedOf(snapshot, asked);
  const named = wish?.kind === 'change' ? wish.remove : [];
  const lost = wanted.flatMap(({ node, machine, choice }): readonly Finding[] => {
    if (choice.kind !== 'image') return [];
    if (choice.extensions === null) return unlooked(node, machine, asked);
    const gone = extensionsWithout(extensionsWithout(machine.extensions, choice.extensions), named);
    if (gone.length === 0) return [];
    const sentence = `${node} loses ${gone.join(', ')}: the schematic asked for does not have ${gone.length === 1 ? 'it' : 'them'}.`;
    const removal = gone.map((name) => `-${name}`).join(',');
    const advice = `Ask for a schematic that has ${gone.length === 1 ? 'it' : 'them'}; or, when nothing needs ${gone.length === 1 ? 'it' : 'them'} any more, say so with --extensions ${removal}.`;
    return [{ check, level: 'blocker', subject: node, sentence, advice }];
  });
  const nowhere = named
    .filter(
      (name) => !wanted.some(({ machine }) => machine.extensions.some((has) => sameExtension(has, name))),
    )
    .map((name): Finding => {
      const sentence = `No machine runs ${name}, so there is nothing to remove.`;
      return {
        check,
        level: 'warning',
        subject: 'cluster',
        sentence,
        advice: 'Check the spelling of its name.',
      };
    });
  const wished = wish !== undefined && wish.kind !== 'keep' && asked.images === undefined;
  if (wished && wanted.some(({ choice }) => choice.kind === 'image' && choice.extensions === null)) {
    const sentence =
      'What the schematic holds was not asked, because the check is switched off in the configuration.';
    return [{ check, level: 'skipped', subject: 'cluster', sentence, advice: null }];
  }
  return summed(check, [...lost, ...nowhere], 'No machine loses an extension that was not named.');
}

/** The factory was asked, and what it gave could not be read as a schematic. */
function unlooked(node: string, { extensions }: ImageNeeds, { images }: ImageAsked): readonly Finding[] {
  if (extensions.length === 0 || images === undefined) return [];
  const sentence = `Nobody can say whether ${node} keeps ${extensions.join(', ')}: the schematic asked for could not be read.`;
  const advice = 'Ask for a schematic that the Image Factory knows.';
  return [{ check: 'extensions', level: 'unknown', subject: node, sentence, advice }];
}

/** Nodes named in one finding about an image. */
const MAX_NODES = 5;

/** Expects the registry to have every image that will be pulled: an image that does not exist is found out before anything is touched. */
export function imagesExist(snapshot: Snapshot, asked: ImageAsked): readonly Finding[] {
  const check = 'image-exists';
  const { images } = asked;
  if (images === undefined) {
    const sentence =
      'Whether the images exist was not asked, because the check is switched off in the configuration.';
    return [{ check, level: 'skipped', subject: 'cluster', sentence, advice: null }];
  }
  if (noneAnswers(snapshot)) return [nobodyTold(check, WHAT)];
  const users = imagesWanted(snapshot, asked);
  const troubles = [...users].flatMap(([image, nodes]): Finding[] => {
    const answer = images.get(image) ?? { kind: 'silent', why: 'nobody asked for it' };
    const whose = `${nodes.slice(0, MAX_NODES).join(', ')}${nodes.length > MAX_NODES ? ', …' : ''}`;
    const subject = nodes[0] ?? 'cluster';
    if (answer.kind === 'silent') {
      const sentence = `Nobody can say whether ${image} (for ${whose}) exists: ${answer.why}`;
      const advice =
        'Make the registry reachable for the bot, or switch the check off (factory.check in the configuration).';
      return [{ check, level: 'unknown', subject, sentence, advice }];
    }
    if (answer.value.kind === 'exists') return [];
    const sentence = `${image} (for ${whose}) does not exist: ${answer.value.why}`;
    const advice = 'Choose a version and extensions for which the Image Factory has images.';
    return [{ check, level: 'blocker', subject, sentence, advice }];
  });
  const all =
    users.size === 1 ? 'The image that is needed exists.' : `All ${users.size} images that are needed exist.`;
  return summed(check, troubles, users.size === 0 ? 'No image is needed.' : all);
}

/** Every distinct image a plan would pull, and the nodes it is for. */
export function imagesWanted(snapshot: Snapshot, asked: ImageAsked): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, readonly string[]>();
  for (const { node, machine, choice } of wantedOf(snapshot, asked)) {
    if (choice.kind !== 'image' || !mustChange(machine, asked, choice)) continue;
    users.set(choice.image, [...(users.get(choice.image) ?? []), node]);
  }
  return users;
}

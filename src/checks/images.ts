// The check on installer images: every machine can keep what it is made of.
import { installerImage } from '../cluster/image.ts';
import { type Snapshot, said } from '../cluster/snapshot.ts';
import { type Finding, summed } from './finding.ts';

/** Expects an image for every machine that keeps its schematic, platform and secure boot. */
export function imagesAreKnown(
  snapshot: Snapshot,
  asked: { readonly target: string; readonly factory: string },
): readonly Finding[] {
  const check = 'installer-image';
  const troubles: Finding[] = snapshot.nodes.flatMap((node): Finding[] => {
    const machine = said(node.machine);
    if (machine === null) return [];
    const choice = installerImage(machine, asked.target, asked.factory);
    if (choice.kind === 'image') return [];
    const advice = 'Move the machine to an Image Factory schematic with the same extensions first.';
    return [
      { check, level: 'blocker', subject: node.name, sentence: `${node.name}: ${choice.why}.`, advice },
    ];
  });
  return summed(check, troubles, 'Every machine has an installer image that keeps its extensions.');
}

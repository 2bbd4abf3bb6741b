// What an upgrade makes of one node: its image, its schematic before and after, and what its steps must know to recognise success.

import { said } from '../../cluster/answer.ts';
import { type ImageAsked, type ImageNeeds, installerImage, mustChange } from '../../cluster/image.ts';
import type { Role } from '../../cluster/node.ts';
import { extensionsWithout, shortName } from '../../cluster/schematic.ts';
import { sameVersion } from '../../cluster/version.ts';
import type { PlannedNode } from '../plan.ts';
import type { StepFacts } from '../step.ts';

export function upgradedNode(
  node: { readonly name: string; readonly address: string; readonly role: Role },
  machine: ImageNeeds,
  asked: ImageAsked,
): PlannedNode {
  const choice = installerImage(machine, asked);
  const { name, address, role } = node;
  const base = { name, address, role, from: machine.version, to: asked.target, schematic: machine.schematic };
  const touched = mustChange(machine, asked, choice);
  if (choice.kind !== 'image' || !touched)
    return { ...base, image: null, touched, extensions: machine.extensions };
  const seen = said(asked.images?.get(choice.image) ?? null);
  return {
    ...base,
    image: choice.image,
    touched,
    extensions: machine.extensions,
    becomes: {
      schematic: choice.schematic,
      extensions: choice.extensions?.map(shortName) ?? null,
      digest: seen?.kind === 'exists' ? seen.digest : null,
    },
  };
}

/** Extensions that come and go with a plan; empty for a node whose new schematic nobody looked into. */
export function extensionChange(node: PlannedNode): {
  readonly gains: readonly string[];
  readonly loses: readonly string[];
} {
  const { extensions: before, becomes } = node;
  const after = becomes?.extensions ?? null;
  if (before === undefined || after === null) return { gains: [], loses: [] };
  return { gains: extensionsWithout(after, before), loses: extensionsWithout(before, after) };
}

/** True when the version stays: then only the schematic tells the new system from the old one. */
function onlySchematic(node: PlannedNode): boolean {
  return node.becomes !== undefined && node.to !== null && sameVersion(node.from, node.to);
}

/** How an installation or a restart sees that it has already happened. */
export function arrivalParams(node: PlannedNode): StepFacts {
  const only = onlySchematic(node) ? { schematic: node.becomes?.schematic ?? null, onlySchematic: true } : {};
  return { version: node.to, ...only };
}

/** What must hold once it is back. */
export function returnParams(node: PlannedNode): StepFacts {
  const { gains, loses } = extensionChange(node);
  return {
    version: node.to,
    schematic: node.becomes?.schematic ?? null,
    from: node.from,
    ...(onlySchematic(node) ? { onlySchematic: true, fromSchematic: node.schematic } : {}),
    ...(gains.length > 0 ? { gains: gains.join(',') } : {}),
    ...(loses.length > 0 ? { loses: loses.join(',') } : {}),
  };
}

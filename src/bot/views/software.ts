// What a plan makes of a node's software beside its version: its schematic, and the extensions that come and go.
import { PLAIN_SCHEMATIC, shortId } from '../../cluster/schematic.ts';
import { extensionChange } from '../../rollout/plan/upgraded-node.ts';
import type { PlannedNode } from '../../rollout/plan.ts';
import { clipped } from './text.ts';

/** Extensions are listed up to this many characters. */
const MAX_LISTED = 200;

/** "schematic 37656798… → ce4c9805… (+qemu-guest-agent)"; null for a node that keeps what it is made of. */
export function softwareChange(node: PlannedNode | null): string | null {
  if (node?.becomes === undefined) return null;
  const before = node.schematic ?? PLAIN_SCHEMATIC;
  const after = node.becomes.schematic ?? PLAIN_SCHEMATIC;
  if (before === after) return null;
  const { gains, loses } = extensionChange(node);
  const changes = [...gains.map((name) => `+${name}`), ...loses.map((name) => `−${name}`)].join(' ');
  const listed = changes === '' ? '' : ` (${clipped(changes, MAX_LISTED)})`;
  return `schematic ${node.schematic === null ? 'none' : shortId(before)} → ${shortId(after)}${listed}`;
}

/** "v1.13.4 → v1.13.5", or that the version stays. */
export function hop(from: string, to: string): string {
  return from === to ? `${from} stays` : `${from} → ${to}`;
}

// What people read about the software of a node: schematics short, extensions that come and go, and a version that stays.
import { expect, it } from 'vitest';
import { hop, softwareChange } from '../../../src/bot/views/software.ts';
import type { PlannedNode } from '../../../src/rollout/plan.ts';
import { aPlan } from '../../builders/plan.ts';

const PLAIN = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const ONE = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';
const OTHER = 'c9078f9419961640c712a8bf2bb9174933dfcf1da383fd8ea2b7dc21493f8bac';

function aNode(changed: Partial<PlannedNode>): PlannedNode {
  const [node] = aPlan().nodes;
  if (node === undefined) throw new Error('the plan has no node');
  return { ...node, ...changed };
}

const becomes = (schematic: string | null, extensions: readonly string[] | null = null) => ({
  becomes: { schematic, extensions, digest: null },
});

it.each([
  ['an older plan', aNode({ schematic: ONE }), null],
  ['no node', null, null],
  ['a schematic that stays', aNode({ schematic: ONE, ...becomes(ONE) }), null],
  ['the plain system by its other name', aNode({ schematic: null, ...becomes(PLAIN) }), null],
  [
    'another schematic nobody looked into',
    aNode({ schematic: ONE, extensions: ['a'], ...becomes(OTHER) }),
    'schematic ce4c9805… → c9078f94…',
  ],
  [
    'another schematic',
    aNode({ schematic: ONE, extensions: ['a', 'b'], ...becomes(OTHER, ['b', 'c']) }),
    'schematic ce4c9805… → c9078f94… (+c −a)',
  ],
  [
    'the first schematic',
    aNode({ schematic: null, extensions: [], ...becomes(OTHER, ['c']) }),
    'schematic none → c9078f94… (+c)',
  ],
])('%s', (_what, node, text) => {
  expect(softwareChange(node)).toBe(text);
});

it('many extensions are cut', () => {
  const many = Array.from({ length: 100 }, (_, n) => `extension-${n}`);
  expect(
    softwareChange(aNode({ schematic: ONE, extensions: [], ...becomes(OTHER, many) }))?.length,
  ).toBeLessThan(300);
});

it('a version that stays says so', () => {
  expect(hop('v1.13.4', 'v1.13.5')).toBe('v1.13.4 → v1.13.5');
  expect(hop('v1.13.4', 'v1.13.4')).toBe('v1.13.4 stays');
});

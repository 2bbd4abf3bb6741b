// A change of extensions alone: the version stays, the schematic does not, and that is a whole upgrade.
import { every, upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const VERSION = 'v1.13.4';
/** Ids of schematics with exactly one official extension, as the real factory computes them. */
const WITH_GUEST_AGENT = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';
export const WITH_ISCSI = 'c9078f9419961640c712a8bf2bb9174933dfcf1da383fd8ea2b7dc21493f8bac';
/** The factory builds an image when it is first asked for it. */
const BUILD_MS = 400;

export const extensions: Scenario = {
  name: 'extensions',
  sentence:
    'The version stays and the extensions change: a new schematic, built first, goes onto every node and is verified there.',
  world: { talosVersion: VERSION, schematic: WITH_GUEST_AGENT },
  play: async (troupe) => {
    const { factory } = troupe.stage;
    await troupe.stage.slack.fault({ name: 'factory-slow', ms: BUILD_MS });
    await troupe.command('requester', `/talos plan ${VERSION} --extensions +iscsi-toolz`);
    await troupe.until('a private answer that names the mistake', () =>
      troupe
        .privately('requester')
        .some(({ blocks }) => JSON.stringify(blocks).includes('called iscsi-toolz')),
    );
    await begin(troupe, `${VERSION} --extensions +iscsi-tools,-qemu-guest-agent`);
    const built = factory.requests.filter((request) => request.includes(`/${WITH_ISCSI}/manifests/`));
    if (built.length === 0) throw new Error('the plan was proposed before its image was asked for');
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    await troupe.until('the plan to say what changes', () => {
      const thread = JSON.stringify(troupe.everything());
      return thread.includes('+iscsi-tools') && thread.includes('ce4c9805… → c9078f94…');
    });
  },
  expect: (measured) => [
    ...upgradedWell(measured, VERSION),
    [
      'every node went from one schematic to the other',
      every(
        measured.nodes,
        (node) => node.fromSchematic === WITH_GUEST_AGENT && node.toSchematic === WITH_ISCSI,
      ),
    ],
  ],
};

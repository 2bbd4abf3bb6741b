// The check on versions: the hop from what runs to what is asked is one Talos accepts.

import { said } from '../cluster/answer.ts';
import type { ImageAsked } from '../cluster/image.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { hop } from '../cluster/version.ts';
import { type Finding, summed } from './finding.ts';
import { nobodyTold, noneAnswers } from './inspected.ts';

/** Expects a legal hop on every machine; an unknown version is unknown, never fine. */
export function targetIsLegal(
  snapshot: Snapshot,
  asked: Pick<ImageAsked, 'target' | 'compatibility' | 'minors'>,
): readonly Finding[] {
  const check = 'legal-hop';
  if (noneAnswers(snapshot)) return [nobodyTold(check, 'which version it runs')];
  const troubles: Finding[] = snapshot.nodes.flatMap((node): Finding[] => {
    const machine = said(node.machine);
    if (machine === null) return [];
    const judged = hop(machine.version, asked.target, asked);
    if (judged.kind === 'legal' && judged.direction !== 'down') return [];
    const subject = node.name;
    if (judged.kind === 'legal') {
      const sentence = `${node.name} runs ${machine.version}: going to ${asked.target} is a downgrade.`;
      return [
        {
          check,
          level: 'warning',
          subject,
          sentence,
          advice: 'Make sure the older version can read the machine config.',
        },
      ];
    }
    const level = judged.kind === 'unknown' ? 'unknown' : 'blocker';
    return [
      {
        check,
        level,
        subject,
        sentence: `${node.name}: ${judged.why}.`,
        advice:
          judged.kind === 'unknown'
            ? 'Choose a version the bot knows, or add it to the file that releases.compatibility names.'
            : 'Choose a version in reach; `/talos path` shows the way to this one.',
      },
    ];
  });
  return summed(check, troubles, `Talos ${asked.target} can be reached in one hop from every machine.`);
}

// The check on the drain that is next: what evictions would be answered, asked without evicting anything.
import { listed } from '../cluster/listed.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { counted, found } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';
import { quoted } from './quoted.ts';

const CHECK = 'next-drain';

/** Expects no eviction of the node that is next to be refused for good; one that a budget forbids for now is only named. */
export function nextDrainPasses({ rehearsal }: Snapshot): readonly Finding[] {
  if (rehearsal === undefined)
    return [found(CHECK, { level: 'skipped', sentence: 'No drain is next.', advice: null })];
  if (rehearsal.kind === 'silent') {
    const sentence = `What evictions would be answered is not known: ${rehearsal.why}`;
    const advice =
      'Let the bot create pods/eviction. Where a webhook takes longer to answer, make it quicker, or let this check only warn.';
    return [found(CHECK, { level: 'unknown', sentence, advice })];
  }
  const { node: subject, asked, stuck } = rehearsal.value;
  const refused = stuck.filter(({ verdict }) => verdict === 'refused');
  const blocked = stuck.filter(({ verdict }) => verdict === 'blocked');
  if (stuck.length === 0) {
    const sentence = `All ${counted(asked, 'pod')} of ${subject} that a drain evicts would go.`;
    return [found(CHECK, { level: 'ok', subject, sentence, advice: null })];
  }
  const named = (some: typeof stuck): string => listed(some.map(({ pod, why }) => `${pod} (${quoted(why)})`));
  return [
    ...(refused.length === 0
      ? []
      : [
          found(CHECK, {
            level: 'blocker',
            subject,
            sentence: `The drain of ${subject} would fail: Kubernetes refuses an eviction for good: ${named(refused)}.`,
            advice: 'Mend what refuses them: a second budget, a webhook, or the rights of the bot.',
          }),
        ]),
    ...(blocked.length === 0
      ? []
      : [
          found(CHECK, {
            level: 'warning',
            subject,
            sentence: `The drain of ${subject} would wait now for ${named(blocked)}.`,
            advice:
              'Repair the pods of the budget, or run one more replica; what a webhook moves itself needs only time.',
          }),
        ]),
  ];
}

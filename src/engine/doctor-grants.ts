// What Kubernetes grants beyond what every rollout needs, for a doctor: what checks read, what drains want, and how long we are let in.
import { EXPIRY_REFUSAL_MS, EXPIRY_WARNING_MS } from '../cluster/access.ts';
import type { Clock } from './ports/clock.ts';
import type { SetupLine } from './ports/errands.ts';
import { faultOf } from './ports/fault.ts';
import type { Grants, LookAtGrants } from './ports/grants.ts';

/** Milliseconds for some forty short questions; an API that needs longer is said to be slow by everything else too. */
const GRANTS_LIMIT_MS = 15_000;
const DAY_MS = 86_400_000;
const READING = 'Kubernetes reading';
const GRANT = 'Grant it (docs/kubernetes-access.md has all of it)';

/** Never rejects. Nothing where nobody can be asked. */
export async function grantLines(
  look: LookAtGrants | undefined,
  clock: Clock,
): Promise<readonly SetupLine[]> {
  if (look === undefined) return [];
  const over = new AbortController();
  const late = clock.sleep(GRANTS_LIMIT_MS, over.signal).then(() => null);
  try {
    const grants = await Promise.race([look(), late]);
    if (grants !== null)
      return [readingLine(grants), ...ungrantedLines(grants), ...certificateLines(grants, clock)];
    return [unknown(`Kubernetes did not say within ${GRANTS_LIMIT_MS / 1_000} s what the bot may read.`)];
  } catch (error) {
    return [unknown(faultOf(error).message)];
  } finally {
    over.abort();
  }
}

function unknown(sentence: string): SetupLine {
  return { what: READING, state: 'unknown', sentence, advice: null };
}

function readingLine({ unread }: Grants): SetupLine {
  if (unread.length === 0) {
    const sentence = 'The bot may read in Kubernetes all that is checked.';
    return { what: READING, state: 'ok', sentence, advice: null };
  }
  const acts = unread.map(({ act }) => act).join(', ');
  const checks = [...new Set(unread.flatMap((one) => one.checks))].join(', ');
  return {
    what: READING,
    state: 'lacks',
    sentence: `The bot may not ${acts}: these checks will be unknown: ${checks}.`,
    advice: `${GRANT}: what is unknown stops a plan. Or switch these checks off in the policy.`,
  };
}

/** A line for each use, as people may well do without. */
function ungrantedLines({ ungranted }: Grants): readonly SetupLine[] {
  const uses = new Map<string, string[]>();
  for (const { act, use } of ungranted) uses.set(use, [...(uses.get(use) ?? []), act]);
  return [...uses].map(([use, acts]) => ({
    what: 'Kubernetes extras',
    state: 'lacks',
    sentence: `The bot may not ${acts.join(', ')}: only needed for ${use}.`,
    advice: `${GRANT}, or do without.`,
  }));
}

/** Judged as our Talos certificate is (kubernetes.md 3.2). */
function certificateLines({ certificateEndsAt: endsAt }: Grants, clock: Clock): readonly SetupLine[] {
  if (endsAt === null) return [];
  const what = 'Kubernetes certificate';
  const leftMs = endsAt - clock.now();
  const until = `${new Date(endsAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const advice = 'Put a kubeconfig with a new certificate in its place.';
  if (leftMs <= 0) {
    const sentence = `The client certificate of the kubeconfig expired on ${until}.`;
    return [{ what, state: 'lacks', sentence, advice }];
  }
  if (leftMs < EXPIRY_WARNING_MS) {
    const short = leftMs < EXPIRY_REFUSAL_MS ? ': a rollout could lose its access half way' : '';
    const sentence = `The client certificate of the kubeconfig ends on ${until}${short}.`;
    return [{ what, state: 'lacks', sentence, advice }];
  }
  const days = Math.floor(leftMs / DAY_MS);
  const sentence = `The client certificate of the kubeconfig is good for another ${days} days.`;
  return [{ what, state: 'ok', sentence, advice: null }];
}

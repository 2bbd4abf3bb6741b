// Who holds the advisory Lease of a cluster, as Kubernetes tells: another bot, one of our own rollouts, or nobody.

/** Before our own names, so that a person who looks at the Lease knows what it is. */
const OURS = 'talos-chatops';

export interface LeaseSeen {
  /** `talos-chatops/<rollout>/<process>`, or however another program calls itself. */
  readonly holder: string;
  /** By the clock of whoever took it, so for people only: `2026-11-22 09:32 UTC`. Null when it does not say. */
  readonly since: string | null;
  /** Milliseconds by our own clock until it counts as abandoned if it is not renewed; 0 = it does. */
  readonly leftMs: number;
}

/** What a pre-flight is told; `seen` is null while nobody holds it. */
export interface LeaseView {
  readonly namespace: string;
  readonly name: string;
  readonly seen: LeaseSeen | null;
}

/** Of one process at one rollout: two houses may have heard of the same rollout, but no two processes have one name. */
export function holderName(rollout: string, owner: string): string {
  return `${OURS}/${rollout}/${owner}`;
}

/** The rollout in one of our names; null for the name of something else. */
export function rolloutIn(holder: string): string | null {
  const [ours, rollout = '', owner = ''] = holder.split('/');
  return ours === OURS && rollout !== '' && owner !== '' ? rollout : null;
}

/** `rollout r1 of another bot (worker-7), since 2026-11-21 00:31 UTC`. */
export function holderText({ holder, since }: Pick<LeaseSeen, 'holder' | 'since'>): string {
  const rollout = rolloutIn(holder);
  const owner = holder.split('/').slice(2).join('/');
  const who = rollout === null ? holder : `rollout ${rollout} of another bot (${owner})`;
  return since === null ? who : `${who}, since ${since}`;
}

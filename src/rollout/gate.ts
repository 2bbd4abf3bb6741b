// A place where people must agree, and the fingerprint that binds their yes to exactly what was shown.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * healthy: nothing may be wrong anywhere; repair: the node is sick and only the survivors are asked; outage: etcd has one member, which is
 * well and copied; dead: it has one member, which serves nothing any more (design.md invariant 2, docs/decisions/0022).
 */
export type ProofKind = 'healthy' | 'repair' | 'outage' | 'dead';

export interface Gate {
  /** `gate:cp-2`. The button carries the rollout's and the gate's id only. */
  readonly id: string;
  readonly node: string;
  readonly proof: ProofKind;
  readonly fingerprint: string;
}

/** The node is sick, or serves nothing any more: what else is wrong may be so because of it. */
export function isRepair(gate: Gate | null): boolean {
  return gate?.proof === 'repair' || gate?.proof === 'dead';
}

/** The figures shown on a gate's card: why the cluster survives this departure. */
export interface Proof {
  readonly kind: ProofKind;
  /** One sentence of arithmetic: "3 of 3 members vote; without cp-2 2 remain, quorum is 2." */
  readonly sentence: string;
  readonly voters: number;
  readonly quorum: number;
  readonly votersLeft: number;
  readonly leader: string | null;
  readonly maxLag: number;
}

/** A stable text of plain data: keys sorted, so that equal data has equal text. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalText(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** 16 hex digits over everything an approval assumes. */
export function fingerprintOf(assumed: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalText(assumed)))).slice(0, 16);
}

/** What an approval binds: the gate as planned, and the rules for approving it as they are now. */
export function approvalFingerprint(
  gate: Gate,
  rules: { readonly approvers: readonly string[]; readonly approvals: number; readonly selfApproval: string },
): string {
  const { approvers, approvals, selfApproval } = rules;
  return fingerprintOf({ gate: gate.fingerprint, approvers, approvals, selfApproval });
}

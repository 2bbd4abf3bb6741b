// What a button carries: ids only. Authority is looked up, never carried.
import type { PathTarget } from '../cluster/path.ts';

export interface ButtonValue {
  readonly cluster: string;
  readonly rollout: string;
  readonly gate: string | null;
  /** The question it answers (rollout/occasion.ts); null for what may be said at any time, such as Pause. */
  readonly occasion: number | null;
  /** Names of the checks it would override; absent on every other button. */
  readonly checks?: readonly string[];
  /** The step about which it decides; absent on every other button. */
  readonly step?: string;
}

export function encodeButton(value: ButtonValue): string {
  return JSON.stringify({
    c: value.cluster,
    r: value.rollout,
    ...(value.gate === null ? {} : { g: value.gate }),
    ...(value.occasion === null ? {} : { o: value.occasion }),
    ...(value.checks === undefined ? {} : { k: value.checks }),
    ...(value.step === undefined ? {} : { s: value.step }),
  });
}

/** Null for anything that we did not write. */
export function decodeButton(text: string | undefined): ButtonValue | null {
  if (text === undefined) return null;
  const read = parsed(text);
  if (typeof read !== 'object' || read === null) return null;
  const {
    c: cluster,
    r: rollout,
    g: gate,
    o: occasion,
    k: checks,
    s: step,
  } = read as Readonly<Record<'c' | 'r' | 'g' | 'o' | 'k' | 's', unknown>>;
  if (typeof cluster !== 'string' || typeof rollout !== 'string') return null;
  return {
    cluster,
    rollout,
    gate: typeof gate === 'string' ? gate : null,
    occasion: typeof occasion === 'number' && Number.isSafeInteger(occasion) ? occasion : null,
    ...(isNames(checks) ? { checks } : {}),
    ...(typeof step === 'string' ? { step } : {}),
  };
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

/** The button that asks for the next hop of a way over several versions. */
export interface OnwardValue {
  readonly cluster: string;
  /** What it stands below: a rollout, or a private answer that has an id for this alone. */
  readonly from: string;
  readonly to: PathTarget;
}

export function encodeOnward({ cluster, from, to }: OnwardValue): string {
  return JSON.stringify({ c: cluster, r: from, t: to.talos, k: to.kubernetes });
}

/** Null for anything that we did not write. */
export function decodeOnward(text: string | undefined): OnwardValue | null {
  const read = text === undefined ? null : parsed(text);
  if (typeof read !== 'object' || read === null) return null;
  const {
    c: cluster,
    r: from,
    t: talos,
    k: kubernetes,
  } = read as Readonly<Record<'c' | 'r' | 't' | 'k', unknown>>;
  if (typeof cluster !== 'string' || typeof from !== 'string') return null;
  if (!isVersion(talos) || !isVersion(kubernetes)) return null;
  return talos === null && kubernetes === null ? null : { cluster, from, to: { talos, kubernetes } };
}

/** The buttons that ask what shall become of an armed node. */
export interface ArmedValue {
  readonly cluster: string;
  readonly node: string;
}

export function encodeArmed({ cluster, node }: ArmedValue): string {
  return JSON.stringify({ c: cluster, n: node });
}

/** Null for anything that we did not write. */
export function decodeArmed(text: string | undefined): ArmedValue | null {
  const read = text === undefined ? null : parsed(text);
  if (typeof read !== 'object' || read === null) return null;
  const { c: cluster, n: node } = read as Readonly<Record<'c' | 'n', unknown>>;
  return typeof cluster === 'string' && typeof node === 'string' ? { cluster, node } : null;
}

/** The button that shows the end of a node's logs. */
export interface LogValue {
  readonly cluster: string;
  readonly rollout: string;
  readonly node: string;
}

export function encodeLog({ cluster, rollout, node }: LogValue): string {
  return JSON.stringify({ c: cluster, r: rollout, n: node });
}

/** Null for anything that we did not write. */
export function decodeLog(text: string | undefined): LogValue | null {
  const read = text === undefined ? null : parsed(text);
  if (typeof read !== 'object' || read === null) return null;
  const { c: cluster, r: rollout, n: node } = read as Readonly<Record<'c' | 'r' | 'n', unknown>>;
  if (typeof cluster !== 'string' || typeof rollout !== 'string' || typeof node !== 'string') return null;
  return { cluster, rollout, node };
}

function isVersion(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

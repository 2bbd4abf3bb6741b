// Kubernetes quantities: `100m`, `1Gi`, `2e3`. Read in the unit the caller counts in.
import type { Plain } from './plain.ts';

const BINARY: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const DECIMAL: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
};

/** The amount in base units (cores, bytes, pieces); 0 for a text that is no quantity, as for one that is missing. */
export function quantity(text: string | undefined): number {
  const [, digits = '', suffix = ''] =
    /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/.exec(text ?? '') ?? [];
  const factor = BINARY[suffix] ?? DECIMAL[suffix];
  const amount = Number(digits) * (factor ?? 0);
  return Number.isFinite(amount) ? amount : 0;
}

/** Thousandths of a CPU, rounded up. */
export function cpuMilli(text: string | undefined): number {
  return Math.ceil(quantity(text) * 1_000);
}

/** The text of an amount; the API writes texts, and takes numbers. */
export function amountAt(value: Plain, key: string): string | undefined {
  const found = value[key];
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}

// What a button carries: ids only. Authority is looked up, never carried.

export interface ButtonValue {
  readonly cluster: string;
  readonly rollout: string;
  readonly gate: string | null;
  /** The question it answers (rollout/occasion.ts); null for what may be said at any time, such as Pause. */
  readonly occasion: number | null;
}

export function encodeButton(value: ButtonValue): string {
  return JSON.stringify({
    c: value.cluster,
    r: value.rollout,
    ...(value.gate === null ? {} : { g: value.gate }),
    ...(value.occasion === null ? {} : { o: value.occasion }),
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
  } = read as Readonly<Record<'c' | 'r' | 'g' | 'o', unknown>>;
  if (typeof cluster !== 'string' || typeof rollout !== 'string') return null;
  return {
    cluster,
    rollout,
    gate: typeof gate === 'string' ? gate : null,
    occasion: typeof occasion === 'number' && Number.isSafeInteger(occasion) ? occasion : null,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

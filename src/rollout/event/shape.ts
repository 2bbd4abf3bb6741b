// What a stored value must look like: small checks, each tied to the type it stands for, so that neither of them changes alone.

/** A place in a fact where something else stands than this program writes there. */
export interface Flaw {
  /** From the fact inwards: `plan.stages[0].width`. */
  readonly at: string;
  readonly found: unknown;
  /** Completes "… is not": `a number of at least 0`. */
  readonly expected: string;
}

type Check = (value: unknown) => Flaw | null;

/** Null for a T. `exactly` is there for the compiler alone: a check stands for its type, and for no wider or narrower one. */
export interface Shape<T> {
  (value: unknown): Flaw | null;
  readonly exactly?: (value: T) => T;
  /** So that a field that must be there is not checked as one that may be absent. */
  readonly maybe?: never;
}

/** The same of a field that may be absent. */
export interface Maybe<T> {
  (value: unknown): Flaw | null;
  readonly maybe: (value: T) => T;
}

/** A check for each field of T, and for no other: a field that is added without one does not compile. */
export type Shapes<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? Maybe<Exclude<T[K], undefined>>
    : Shape<T[K]>;
};

function flaw(found: unknown, expected: string): Flaw {
  return { at: '', found, expected };
}

function under(step: string, { at, found, expected }: Flaw): Flaw {
  const joint = at === '' || at.startsWith('[') ? '' : '.';
  return { at: `${step}${joint}${at}`, found, expected };
}

export const text: Shape<string> = (value) => (typeof value === 'string' ? null : flaw(value, 'a text'));

export const truth: Shape<boolean> = (value) =>
  typeof value === 'boolean' ? null : flaw(value, 'true or false');

export const yes: Shape<true> = (value) => (value === true ? null : flaw(value, 'true'));

/** Shown, or measured on clocks that may jump: below zero as well. */
export const figure: Shape<number> = (value) => (Number.isFinite(value) ? null : flaw(value, 'a number'));

/** Milliseconds, and what else has no end of its own and is never negative. */
export const amount: Shape<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? null
    : flaw(value, 'a number of at least 0');

export const count: Shape<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? null
    : flaw(value, 'a whole number of at least 0');

/** Of which there must be some, or nobody would be asked, and nothing done. */
export const some: Shape<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
    ? null
    : flaw(value, 'a whole number of at least 1');

/** One of a closed set. A word that is added to one needs a version that older programs refuse (`versionOf`). */
export function oneOf<T extends string>(words: Readonly<Record<T, true>>): Shape<T> {
  const expected = `one of ${Object.keys(words).join(', ')}`;
  return (value) => (typeof value === 'string' && Object.hasOwn(words, value) ? null : flaw(value, expected));
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === null ? null : shape(value));
}

export function maybe<T>(shape: Shape<T>): Maybe<T> {
  const check: Check = (value) => (value === undefined ? null : shape(value));
  return Object.assign(check, { maybe: (value: T): T => value });
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return flaw(value, 'a list');
    for (let i = 0; i < value.length; i += 1) {
      const wrong = shape(value[i]);
      if (wrong !== null) return under(`[${i}]`, wrong);
    }
    return null;
  };
}

/** By names that are nobody's choice here: nodes, workloads, figures of a step. */
export function record<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value) => {
    if (!isObject(value)) return flaw(value, 'an object');
    for (const name of Object.keys(value)) {
      const wrong = shape(value[name]);
      if (wrong !== null) return under(name, wrong);
    }
    return null;
  };
}

/** Fields it does not know are left alone: a newer patch may have added them. */
export function fields<T>(shapes: Shapes<T>): Shape<T> {
  const rows: [string, Check][] = [];
  for (const name in shapes) rows.push([name, shapes[name]]);
  return (value) => {
    if (!isObject(value)) return flaw(value, 'an object');
    for (const [name, shape] of rows) {
      const wrong = shape(value[name]);
      if (wrong !== null) return value[name] === undefined ? lacking(value, rows) : under(name, wrong);
    }
    return null;
  };
}

/** All that are not there, at once. */
function lacking(value: Readonly<Record<string, unknown>>, rows: readonly [string, Check][]): Flaw {
  const names = rows.filter(([name, shape]) => value[name] === undefined && shape(undefined) !== null);
  return { at: names.map(([name]) => name).join(', '), found: undefined, expected: 'absent' };
}

/** One of several kinds of the same thing, each with fields of its own. */
export function variants<T extends { readonly kind: string }>(
  kinds: {
    readonly [K in T['kind']]: Shape<Omit<Extract<T, { readonly kind: K }>, 'kind'>>;
  },
): Shape<T> {
  const rows: ReadonlyMap<unknown, Check> = new Map(Object.entries<Check>(kinds));
  const expected = `one of ${[...rows.keys()].join(', ')}`;
  return (value) => {
    if (!isObject(value)) return flaw(value, 'an object');
    const shape = rows.get(value['kind']);
    return shape === undefined ? { ...flaw(value['kind'], expected), at: 'kind' } : shape(value);
  };
}

/** What is only shown has a version of its own: one of a later version is none to us, whatever it holds. */
export function versioned<T extends { readonly v: 1 }>(shapes: Shapes<Omit<T, 'v'>>): Shape<T> {
  const present = fields(shapes);
  return (value) => {
    if (!isObject(value)) return flaw(value, 'an object');
    const wrong = some(value['v']);
    if (wrong !== null) return under('v', wrong);
    return value['v'] === 1 ? present(value) : null;
  };
}

/** Of what has the shape already: whether its parts agree with each other. */
export function agreeing<T>(shape: Shape<T>, flawOf: (value: T) => Flaw | null): Shape<T> {
  const hasShape = (value: unknown): value is T => shape(value) === null;
  return (value) => (hasShape(value) ? flawOf(value) : shape(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

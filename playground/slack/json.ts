// Reading values of unknown shape: what came over the wire is looked at, never believed.

export type Json = Record<string, unknown>;

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The string at a key, or '' when there is none. */
export const textOf = (value: Json, key: string): string => {
  const found = value[key];
  return typeof found === 'string' ? found : '';
};

/** The records of a list; anything else in it is left out. */
export const recordsOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** The text of a Block Kit text object, or '' . */
export const plainOf = (value: unknown): string => (isRecord(value) ? textOf(value, 'text') : '');

/** Parsed JSON, or undefined when it is none. */
export const parseJson = (source: string): unknown => {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
};

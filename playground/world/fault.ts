/** What an injectable fault is, and how its parameters are read. */
import { WorldError } from './error.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

export interface FaultParam {
  readonly name: string;
  readonly type: 'node' | 'number' | 'text';
  readonly required: boolean;
  readonly sentence: string;
}

/** How an applied fault is healed; null for what happens once and leaves nothing to heal. */
export type Heal = (() => void) | null;

export interface FaultKind {
  readonly name: string;
  /** One sentence for a list of faults. */
  readonly sentence: string;
  readonly params: readonly FaultParam[];
  readonly apply: (world: World, params: FaultValues) => Heal;
  /** Whether it has happened as often as it was to happen; a fault without it stays until it is healed. */
  readonly spent?: (params: FaultValues) => boolean;
}

export type RawParams = Readonly<Record<string, string | number | boolean | null | undefined>>;

export const NODE: FaultParam = {
  name: 'node',
  type: 'node',
  required: true,
  sentence: 'the node it happens to',
};

export function number(name: string, sentence: string): FaultParam {
  return { name, type: 'number', required: false, sentence };
}

export function text(name: string, sentence: string): FaultParam {
  return { name, type: 'text', required: false, sentence };
}

/** The parameters of one injection, read by name. */
export class FaultValues {
  private readonly world: World;
  private readonly raw: RawParams;

  constructor(world: World, raw: RawParams) {
    this.world = world;
    this.raw = raw;
  }

  /** @throws WorldError INVALID_ARGUMENT for an unknown node */
  machine(name = 'node'): Machine {
    return this.world.machine(this.text(name, ''));
  }

  /** Every machine, or the named one. */
  machines(): readonly Machine[] {
    return this.text('node', '') === '' ? this.world.machines() : [this.machine()];
  }

  text(name: string, fallback: string): string {
    const value = this.raw[name];
    return value === undefined || value === null || value === '' ? fallback : String(value);
  }

  /** @throws WorldError INVALID_ARGUMENT when it is no number of zero or more */
  number(name: string, fallback: number): number {
    const value = Number(this.text(name, String(fallback)));
    if (!Number.isFinite(value) || value < 0)
      throw new WorldError('INVALID_ARGUMENT', `${name} must be a number of zero or more`);
    return value;
  }

  /** @throws WorldError INVALID_ARGUMENT when it is none of them */
  oneOf<const T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const value = this.text(name, choices[0]);
    const found = choices.find((one) => one === value);
    if (found === undefined)
      throw new WorldError('INVALID_ARGUMENT', `${name} must be one of ${choices.join(', ')}`);
    return found;
  }
}

/** Refuses parameters the fault does not have, and the absence of those it needs. */
export function checkParams(kind: FaultKind, raw: RawParams): void {
  const names = kind.params.map((one) => one.name);
  const usage = names.length === 0 ? 'it takes no parameters' : `it takes ${names.join(', ')}`;
  for (const name of Object.keys(raw)) {
    if (!names.includes(name))
      throw new WorldError('INVALID_ARGUMENT', `${kind.name} has no "${name}": ${usage}`);
  }
  for (const param of kind.params) {
    const value = raw[param.name];
    if (param.required && (value === undefined || value === null || value === ''))
      throw new WorldError('INVALID_ARGUMENT', `${kind.name} needs "${param.name}": ${param.sentence}`);
  }
}

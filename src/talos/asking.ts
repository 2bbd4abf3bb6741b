// Questions about resources whose every way of not being answered is an answer too: nothing here rejects.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { Told } from '../cluster/inspection.ts';
import { faultOf } from '../engine/ports/fault.ts';
import { type Found, tellResource, tellResources } from './cosi.ts';
import { mayHave, type ResourceKind } from './kinds.ts';
import type { Question, Reads } from './reads.ts';

/** Questions to one machine; what its version (null: not known) cannot have is not asked for. */
export class Asking {
  readonly #reads: Reads;
  readonly #question: Question;
  readonly #version: string | null;

  constructor(reads: Reads, question: Question, version: string | null) {
    this.#reads = reads;
    this.#question = question;
    this.#version = version;
  }

  /** One resource; `pick` gives null for content that says nothing. */
  one<D extends DescMessage, T>(
    kind: ResourceKind<D>,
    id: string,
    pick: (spec: MessageShape<D>) => T | null,
  ): Promise<Told<T>> {
    return this.#tell(kind, async () => {
      const told = await tellResource(this.#reads, kind, id, this.#question);
      if (told.kind !== 'said') return told;
      const value = pick(told.value);
      return value === null ? { kind: 'absent' } : { kind: 'said', value };
    });
  }

  all<D extends DescMessage, T>(
    kind: ResourceKind<D>,
    pick: (found: readonly Found<D>[]) => T,
  ): Promise<Told<T>> {
    return this.#tell(kind, async () => {
      const told = await tellResources(this.#reads, kind, this.#question);
      return told.kind === 'said' ? { kind: 'said', value: pick(told.value) } : told;
    });
  }

  async #tell<D extends DescMessage, T>(
    kind: ResourceKind<D>,
    ask: () => Promise<Told<T>>,
  ): Promise<Told<T>> {
    return mayHave(this.#version, kind) ? await quietly(ask) : { kind: 'unsupported' };
  }
}

/** Turns a rejection into a recorded silence. */
export async function quietly<T>(ask: () => Promise<Told<T>>): Promise<Told<T>> {
  try {
    return await ask();
  } catch (error) {
    return { kind: 'silent', why: faultOf(error).message };
  }
}

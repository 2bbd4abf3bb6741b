// What each Slack delivery was about, in Redis: beside the journals of its cluster, so that one script sees both.
import { type Answer, DELIVERY_KNOWN_MS, type Deliveries, type Meant } from '../engine/ports/deliveries.ts';
import type { Refusal } from '../rollout/intent.ts';
import type { StoreConnection } from './connection.ts';
import { clusterKeys } from './keys.ts';

export class RedisDeliveries implements Deliveries {
  readonly #store: StoreConnection;
  readonly #prefix: string;
  readonly #knownMs: number;

  /** `knownMs`: tests take less; everybody else DELIVERY_KNOWN_MS. */
  constructor(store: StoreConnection, options: { readonly prefix: string; readonly knownMs?: number }) {
    this.#store = store;
    this.#prefix = options.prefix;
    this.#knownMs = options.knownMs ?? DELIVERY_KNOWN_MS;
  }

  async first(cluster: string, delivery: string, rollout: string | null): Promise<Meant> {
    const keys = clusterKeys(this.#prefix, cluster);
    const id = rollout ?? '';
    const [about, version, answer] = await this.#store.call((redis) =>
      redis.storeDeliver(keys.delivery(delivery), keys.journal(id), id, this.#knownMs),
    );
    return {
      rollout: about === '' ? null : about,
      version: Number(version),
      answer: answer === null ? null : answerOf(answer),
    };
  }

  async answer(cluster: string, delivery: string, answer: Answer): Promise<void> {
    const key = clusterKeys(this.#prefix, cluster).delivery(delivery);
    await this.#store.call((redis) => redis.storeAnswer(key, JSON.stringify(answer)));
  }
}

/** Null for what another version wrote otherwise: the delivery is judged once more then, upon what it was about. */
function answerOf(text: string): Answer | null {
  const { kind, code, sentence, version }: Record<string, unknown> = JSON.parse(text);
  if (kind === 'so-already' && typeof version === 'number') return { kind, version };
  if (kind !== 'refusal' || typeof code !== 'string' || typeof sentence !== 'string') return null;
  // Only ever read by people; a code of another version does no harm.
  return { kind, code: code as Refusal['code'], sentence };
}

// The version of the table of keys (keys.ts), kept beside the keys: a program that knows an older table must not write into a newer one.
import type { StoreConnection } from './connection.ts';
import { schemaKey } from './keys.ts';

/**
 * 1: the table as it stands. Raised when a key changes its meaning or its type, so that an older program would misread or spoil it;
 * not for keys that are added. Facts have a version of their own (rollout/event/lift.ts).
 */
export const KEY_SCHEMA = 1;

/** Marks these keys as ours, or says in one sentence why this version must not use them. Rejects with Fault. */
export async function agreeOnSchema(store: StoreConnection, prefix: string): Promise<string | null> {
  const found = await store.call((redis) => redis.storeSchema(schemaKey(prefix), KEY_SCHEMA));
  if (found === String(KEY_SCHEMA)) return null;
  const newer = /^\d{1,9}$/.test(found);
  const what = newer ? `are of version ${found}` : `have the version ${JSON.stringify(found.slice(0, 40))}`;
  return (
    `Redis at ${store.where} holds keys under ${prefix} that ${what}, and this version of talos-chatops knows up to ${KEY_SCHEMA}. ` +
    'Start the newer version again, or use another redis.prefix.'
  );
}

// Where everything lies in Redis: one hash tag per cluster, so that a script may touch several keys of one cluster at once.

/**
 * | key                                      | type   | holds                                              | lives        |
 * |------------------------------------------|--------|----------------------------------------------------|--------------|
 * | `<prefix>:{<cluster>}:journal:<rollout>` | list   | entries, oldest first; its length is the version   | for ever     |
 * | `<prefix>:{<cluster>}:heads`             | hash   | rollout → `version:link` of its last entry         | for ever     |
 * | `<prefix>:{<cluster>}:claim`             | string | the rollout that has the cluster                   | until given  |
 * | `<prefix>:{<cluster>}:lease:<rollout>`   | string | the token of the process that drives it            | 3 s          |
 * | `<prefix>:{<cluster>}:looks`             | zset   | rollout by when to look next (ms since 1970)       | until the end|
 * | `<prefix>:{<cluster>}:recent`            | zset   | rollout by when it was asked (µs since 1970)       | 200 members  |
 * | `<prefix>:{<cluster>}:open`              | zset   | rollout whose thread may change, by last append    | until closed |
 * | `<prefix>:{<cluster>}:thread:<rollout>`  | hash   | `shown`, and `slot:<name>` as JSON                 | for ever     |
 * | `<prefix>:{<cluster>}:notes:<rollout>`   | hash   | node → `{sentence, at}` as JSON                    | 1 h          |
 * | `<prefix>:{<cluster>}:delivery:<id>`     | hash   | of a Slack delivery: `rollout`, `version`, `answer`| 1 h          |
 * | `<prefix>:{<workspace>}:speaker`         | string | the process that speaks in this workspace          | its lease    |
 * | `<prefix>:{<workspace>}:spent`           | string | `{editsAgoMs, quietMs}` of its speaker, as JSON    | 1 min        |
 * | `<prefix>:{schema}`                      | string | the version of this table (schema.ts)              | for ever     |
 */
export interface ClusterKeys {
  readonly heads: string;
  readonly claim: string;
  readonly looks: string;
  readonly recent: string;
  readonly open: string;
  journal(rollout: string): string;
  lease(rollout: string): string;
  thread(rollout: string): string;
  notes(rollout: string): string;
  delivery(id: string): string;
}

/** Keys of one cluster. Names are percent-encoded, so that no brace or colon of a name can move a key to another slot. */
export function clusterKeys(prefix: string, cluster: string): ClusterKeys {
  const base = `${prefix}:{${encodeURIComponent(cluster)}}`;
  return {
    heads: `${base}:heads`,
    claim: `${base}:claim`,
    looks: `${base}:looks`,
    recent: `${base}:recent`,
    open: `${base}:open`,
    journal: (rollout) => `${base}:journal:${encodeURIComponent(rollout)}`,
    lease: (rollout) => `${base}:lease:${encodeURIComponent(rollout)}`,
    thread: (rollout) => `${base}:thread:${encodeURIComponent(rollout)}`,
    notes: (rollout) => `${base}:notes:${encodeURIComponent(rollout)}`,
    delivery: (id) => `${base}:delivery:${encodeURIComponent(id)}`,
  };
}

export function speakerKey(prefix: string, workspace: string): string {
  return `${prefix}:{${encodeURIComponent(workspace)}}:speaker`;
}

export function spentKey(prefix: string, workspace: string): string {
  return `${prefix}:{${encodeURIComponent(workspace)}}:spent`;
}

export function schemaKey(prefix: string): string {
  return `${prefix}:{schema}`;
}

/** The glob that `journalPrefix` is meant for: every key of ours has a hash tag after its prefix. */
export const TAGGED_KEYS_GLOB = '*:{*}:*';

/** The prefix of a key that is somebody's journal or claim, or null when it is neither. */
export function journalPrefix(key: string): string | null {
  return /^(.*):\{[^{}]+\}:(?:journal:.+|claim)$/.exec(key)?.[1] ?? null;
}

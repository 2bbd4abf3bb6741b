// The scripts of the store as typed commands. Each lies beside this file; ioredis sends its digest, and its text when Redis forgot it.
import { readFileSync } from 'node:fs';
import type { Result } from 'ioredis';
import type { RedisClient } from './clients.ts';

type Text = string | number;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Seven keys, then what append.lua lists. */
    storeAppend(...args: Text[]): Result<unknown, Context>;
    storeRead(
      journal: string,
      heads: string,
      rollout: string,
      first: number,
      last: number,
    ): Result<string[], Context>;
    storeLast(journal: string): Result<[string, number, number], Context>;
    storeSchema(schema: string, ours: number): Result<string, Context>;
    /** Three keys, then what take.lua lists. */
    storeTake(...args: Text[]): Result<unknown, Context>;
    storeRenew(
      lease: string,
      looks: string,
      journal: string,
      rollout: string,
      token: string,
      ms: number,
    ): Result<number, Context>;
    /** Three keys, then rollout, token, seen, next look, link. */
    storeLetGo(...args: Text[]): Result<string, Context>;
    storeDue(looks: string, limit: number): Result<string[], Context>;
    storeNote(
      notes: string,
      node: string,
      sentence: string,
      most: number,
      ms: number,
    ): Result<number, Context>;
    storeSpeak(speaker: string, owner: string, ms: number): Result<number, Context>;
    storeDeliver(
      delivery: string,
      journal: string,
      rollout: string,
      ms: number,
    ): Result<[string, string, string | null], Context>;
    storeAnswer(delivery: string, answer: string): Result<number, Context>;
  }
}

/** Scripts that must not be answered without replicas: sent by themselves, in one breath with WAIT (writing.ts). */
export const APPEND = { lua: luaOf('online.lua') + luaOf('append.lua'), keys: 7 };
export const TAKE = { lua: luaOf('online.lua') + luaOf('take.lua'), keys: 3 };

const SCRIPTS = [
  { command: 'storeRead', file: 'read.lua', keys: 2 },
  { command: 'storeLast', file: 'last.lua', keys: 1 },
  { command: 'storeSchema', file: 'schema.lua', keys: 1 },
  { command: 'storeRenew', file: 'renew.lua', keys: 3 },
  { command: 'storeLetGo', file: 'let-go.lua', keys: 3 },
  { command: 'storeDue', file: 'due.lua', keys: 1 },
  { command: 'storeNote', file: 'note.lua', keys: 1 },
  { command: 'storeSpeak', file: 'speak.lua', keys: 1 },
  { command: 'storeDeliver', file: 'deliver.lua', keys: 2 },
  { command: 'storeAnswer', file: 'answer.lua', keys: 1 },
].map(({ command, file, keys }) => ({ command, keys, lua: luaOf(file) }));
const GUARDED = [
  { command: 'storeAppend', ...APPEND },
  { command: 'storeTake', ...TAKE },
];

function luaOf(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

export function defineScripts(redis: RedisClient): void {
  for (const { command, keys, lua } of [...SCRIPTS, ...GUARDED])
    redis.defineCommand(command, { numberOfKeys: keys, lua });
}

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
    storeTake(
      lease: string,
      looks: string,
      rollout: string,
      token: string,
      ms: number,
    ): Result<number, Context>;
    storeRenew(
      lease: string,
      looks: string,
      journal: string,
      rollout: string,
      token: string,
      ms: number,
    ): Result<number, Context>;
    /** Three keys, then rollout, token, seen, next look. */
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
  }
}

/** For whoever sends the script by itself, in one breath with something else (writing.ts). */
export const APPEND_KEYS = 7;

const SCRIPTS = [
  { command: 'storeAppend', file: 'append.lua', keys: APPEND_KEYS },
  { command: 'storeRead', file: 'read.lua', keys: 2 },
  { command: 'storeLast', file: 'last.lua', keys: 1 },
  { command: 'storeSchema', file: 'schema.lua', keys: 1 },
  { command: 'storeTake', file: 'take.lua', keys: 2 },
  { command: 'storeRenew', file: 'renew.lua', keys: 3 },
  { command: 'storeLetGo', file: 'let-go.lua', keys: 3 },
  { command: 'storeDue', file: 'due.lua', keys: 1 },
  { command: 'storeNote', file: 'note.lua', keys: 1 },
  { command: 'storeSpeak', file: 'speak.lua', keys: 1 },
].map(({ command, file, keys }) => ({ command, keys, lua: luaOf(file) }));

export function luaOf(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

export function defineScripts(redis: RedisClient): void {
  for (const { command, keys, lua } of SCRIPTS) redis.defineCommand(command, { numberOfKeys: keys, lua });
}

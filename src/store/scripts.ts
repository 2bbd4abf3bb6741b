// The scripts of the store as typed commands. Each lies beside this file; ioredis sends its digest, and its text when Redis forgot it.
import { readFileSync } from 'node:fs';
import type { Redis, Result } from 'ioredis';

type Text = string | number;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Six keys, then rollout, expect, token, claim, course, most of recent, tails. */
    storeAppend(...args: Text[]): Result<unknown, Context>;
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

const SCRIPTS = [
  { command: 'storeAppend', file: 'append.lua', keys: 6 },
  { command: 'storeTake', file: 'take.lua', keys: 2 },
  { command: 'storeRenew', file: 'renew.lua', keys: 3 },
  { command: 'storeLetGo', file: 'let-go.lua', keys: 3 },
  { command: 'storeDue', file: 'due.lua', keys: 1 },
  { command: 'storeNote', file: 'note.lua', keys: 1 },
  { command: 'storeSpeak', file: 'speak.lua', keys: 1 },
].map(({ command, file, keys }) => ({
  command,
  keys,
  lua: readFileSync(new URL(file, import.meta.url), 'utf8'),
}));

export function defineScripts(redis: Redis): void {
  for (const { command, keys, lua } of SCRIPTS) redis.defineCommand(command, { numberOfKeys: keys, lua });
}

// Bolt's and the web client's log lines in our log. Nothing below a warning: their debug lines hold whole payloads.
import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../engine/ports/log.ts';

export type BoltLogger = Logger;

/** A line of theirs is cut: an error object can carry a whole response. */
const MAX_LINE = 500;

export function boltLogger(log: Log): BoltLogger {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts: unknown[]) => log.warn('slack library', { line: lineOf(parts) }),
    error: (...parts: unknown[]) => log.error('slack library', { line: lineOf(parts) }),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}

/** Tokens look the same wherever they turn up. */
const TOKEN = /xox[a-z]-[\w-]+|xapp-[\w-]+/g;

function lineOf(parts: readonly unknown[]): string {
  const text = parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return text.replaceAll(TOKEN, 'token').slice(0, MAX_LINE);
}

// The log: one JSON object a line on stderr, with everything that could be a secret left out by name.
import { destination, pino } from 'pino';
import type { Log } from './engine/ports/log.ts';

/** Field names that must never be printed, at any depth a log call of ours uses. */
const SECRET = [
  'token',
  'botToken',
  'appToken',
  'password',
  'url',
  'key',
  'crt',
  'ca',
  'kubeconfig',
  'authorization',
];

export function createLog(level: string): Log {
  const logger = pino(
    {
      level,
      redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`]), censor: '(secret)' },
      base: null,
    },
    destination({ dest: 2, sync: true }),
  );
  return {
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}

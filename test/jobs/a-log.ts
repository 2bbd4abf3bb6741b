// A log that remembers its lines.
import type { Log, LogFields } from '../../src/engine/ports/log.ts';

export function aLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { log: { info: keep('info'), warn: keep('warn'), error: keep('error') }, lines };
}

// How the command lines of the demo, the bench and the soak speak to whoever runs them: exit codes, and lines on stdout.
import { writeFileSync } from 'node:fs';

/** The contract for scripts in playground/README.md. */
export const EXIT = { held: 0, missed: 1, usage: 2, environment: 3 } as const;

/** Written at once, also into a pipe, so that an exit right behind it loses nothing. */
export function print(line: string): void {
  writeFileSync(1, `${line}\n`);
}

// What the processes of a house logged, for assertions: a run that is well says nothing in error.
import type { Log, LogFields } from '../../src/engine/ports/log.ts';
import type { Life } from './mortal.ts';

export interface Said {
  readonly level: 'info' | 'warn' | 'error';
  readonly owner: string;
  readonly message: string;
  readonly fields: LogFields;
}

export class Voices {
  readonly said: Said[] = [];

  of(owner: string, life: Life): Log {
    const say =
      (level: Said['level']) =>
      (message: string, fields: LogFields = {}): void => {
        if (life.alive) this.said.push({ level, owner, message, fields });
      };
    return { info: say('info'), warn: say('warn'), error: say('error') };
  }

  get errors(): readonly Said[] {
    return this.said.filter(({ level }) => level === 'error');
  }
}

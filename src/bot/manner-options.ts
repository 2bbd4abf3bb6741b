// The options that say how an upgrade goes about it: staged or not, and how nodes restart.
import { REBOOT_MODES, type RebootMode, readRebootMode } from '../cluster/reboot-mode.ts';
import type { Trouble } from './options.ts';

export interface MannerOptions {
  readonly kind: 'manner';
  /** The words that belong to neither, in order. */
  readonly rest: readonly string[];
  readonly staged: boolean;
  /** Null when none was typed: the cluster's policy says. */
  readonly rebootMode: RebootMode | null;
}

/** Phones make one dash of two; "=" is what other tools want. */
const STAGE = /^--?staged?$/i;
const MODE = /^--?reboot-?mode(?:=(.*))?$/i;
const STAGE_EXAMPLE = '--stage';
const MODE_EXAMPLE = '--reboot-mode powercycle';

/** Splits `--stage` and `--reboot-mode M` off a command's words, wherever they stand. */
export function takeManner(words: readonly string[]): MannerOptions | Trouble {
  const rest: string[] = [];
  const stages: string[] = [];
  const modes: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const mode = MODE.exec(word);
    if (mode !== null) {
      modes.push(mode[1] ?? words[at + 1] ?? '');
      if (mode[1] === undefined) at += 1;
    } else if (STAGE.test(word)) stages.push(word);
    else rest.push(word);
  }
  if (stages.length > 1) return trouble('Each option may be typed once.', STAGE_EXAMPLE);
  if (modes.length > 1) return trouble('Each option may be typed once.', MODE_EXAMPLE);
  const [typed] = modes;
  const rebootMode = typed === undefined ? null : readRebootMode(typed.toLowerCase());
  if (typed !== undefined && rebootMode === null)
    return trouble(`The reboot mode is one of ${REBOOT_MODES.join(', ')}.`, MODE_EXAMPLE);
  return { kind: 'manner', rest, staged: stages.length > 0, rebootMode };
}

function trouble(sentence: string, example: string): Trouble {
  return { kind: 'trouble', sentence, example };
}

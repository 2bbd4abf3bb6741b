// Configuration files in small, and what becomes of them.
import { type Environment, parseSettings, type Settings } from '../src/config.ts';

export const SECRETS: Environment = {
  SLACK_BOT_TOKEN: 'xoxb-1-bot',
  SLACK_APP_TOKEN: 'xapp-1-app',
  REDIS_URL: 'redis://:pass-word@127.0.0.1:6379',
};

/** The least a file must say: four lines. */
export const LEAST = [
  'clusters:',
  '  prod:',
  '    channel: C012AB3CD',
  '    talos: { config: ./talosconfig }',
];

export const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;
/** A file that is right but for these lines of its cluster, of which the first is line 5. */
export const inCluster = (...lines: readonly string[]): string =>
  text(...LEAST, ...lines.map((line) => `    ${line}`));
/** A file that is right but for these lines after its clusters, of which the first is line 5. */
export const beside = (...lines: readonly string[]): string => text(...LEAST, ...lines);

export function mistakesIn(file: string, environment: Environment = SECRETS): readonly string[] {
  const loaded = parseSettings(file, 'bot.yaml', environment);
  return loaded.kind === 'mistakes' ? loaded.mistakes : [];
}

export function settingsOf(file: string, environment: Environment = SECRETS): Settings {
  const loaded = parseSettings(file, '/etc/bot/bot.yaml', environment);
  if (loaded.kind === 'mistakes') throw new Error(loaded.mistakes.join('\n'));
  return loaded.settings;
}

/** Words of the libraries that read the file; nobody who writes configuration should meet them. */
export const JARGON =
  /Invalid|expected \w|Too (small|big)|Unrecognized|discriminator|NaN|undefined|\bnull\b|[<>]=|\bint\b|regex|pattern/;

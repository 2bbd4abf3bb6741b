// What the environment must hold beside the file: tokens of Slack where Slack is heard, and the address of Redis.
import { hears, type Role } from './config-role.ts';
import { redisPlace } from './store/place.ts';
import { LEAST_SECRET_CHARS } from './store/seal.ts';

export interface SlackSettings {
  readonly botToken: string;
  readonly appToken: string;
  readonly apiUrl: string;
}

export interface Secrets {
  /** Null in a worker: it never speaks to Slack. */
  readonly slack: SlackSettings | null;
  readonly redisUrl: string;
  /** What signs the entries of journals, and what signed them formerly or may have. */
  readonly journal: { readonly key: string | null; readonly former: readonly string[] };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** All mistakes at once; `found` is null when there is one. A mistaken role (null) is asked for what every role needs. */
export function secretsOf(
  environment: Environment,
  role: Role | null,
): { readonly found: Secrets | null; readonly mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const slack = role !== null && hears(role) ? slackOf(environment, mistakes) : null;
  const redisUrl = environment['REDIS_URL'] ?? '';
  const redisMistake = mistakeIn(redisUrl);
  if (redisMistake !== null) mistakes.push(`REDIS_URL: ${redisMistake}`);
  const journal = journalOf(environment, mistakes);
  return { found: mistakes.length > 0 ? null : { slack, redisUrl, journal }, mistakes };
}

function journalOf(environment: Environment, mistakes: string[]): Secrets['journal'] {
  const raw = environment['JOURNAL_KEY'] ?? '';
  const key = raw.trim();
  const former = formerIn(environment['JOURNAL_KEYS_FORMER'] ?? '');
  const short = `expects at least ${LEAST_SECRET_CHARS} characters, such as openssl rand -base64 32 prints`;
  if (raw !== '' && key.length < LEAST_SECRET_CHARS) mistakes.push(`JOURNAL_KEY: ${short}`);
  if (SEPARATOR.test(key)) mistakes.push(`JOURNAL_KEY: ${DIVIDED}`);
  if (former.some((one) => one.length < LEAST_SECRET_CHARS))
    mistakes.push(`JOURNAL_KEYS_FORMER: ${short}; several stand one after the other, with a space between`);
  if (key === '' && former.length > 0)
    mistakes.push('JOURNAL_KEYS_FORMER: expects JOURNAL_KEY beside it; a former key signs nothing');
  if (raw === '') return { key: null, former };
  // Earlier versions signed with the variable as it was, which may have been the content of a file with its newline.
  const asItWas = [raw, ...[key, ...former].map((one) => `${one}\n`)];
  return { key, former: [...new Set([...former, ...asItWas])].filter((one) => one !== key) };
}

/** What stands between two former keys, and so in none of them. */
const SEPARATOR = /[\s,]/;
const DIVIDED =
  'expects no space and no comma within it, because these stand between keys in JOURNAL_KEYS_FORMER; take a new key ' +
  '(openssl rand -base64 32) and, where this one has signed journals, put it into JOURNAL_KEYS_FORMER between double quotes';

/** Keys with spaces or commas between them; one that holds such itself, as earlier versions took it, stands between double quotes. */
function formerIn(text: string): readonly string[] {
  const found = text.match(/"[^"]*[\s,][^"]*"(?![^\s,])|[^\s,]+/g) ?? [];
  return found.map((one) => (SEPARATOR.test(one) ? one.slice(1, -1) : one));
}

function slackOf(environment: Environment, mistakes: string[]): SlackSettings | null {
  const botToken = environment['SLACK_BOT_TOKEN'] ?? '';
  const appToken = environment['SLACK_APP_TOKEN'] ?? '';
  const apiUrl = slackApiUrl(environment['SLACK_API_URL']);
  if (!botToken.startsWith('xoxb-'))
    mistakes.push('SLACK_BOT_TOKEN: expects a bot token, xoxb-… (app settings → OAuth & Permissions)');
  if (!appToken.startsWith('xapp-'))
    mistakes.push(
      'SLACK_APP_TOKEN: expects an app-level token, xapp-…, with connections:write (app settings → Basic Information)',
    );
  if (apiUrl === null)
    mistakes.push(
      'SLACK_API_URL: expects https://slack.com/api/ or a loopback address; anything else would be sent the tokens',
    );
  return apiUrl === null ? null : { botToken, appToken, apiUrl };
}

/** Tokens go to whatever host this names, so only Slack itself and loopback are accepted. */
function slackApiUrl(text: string | undefined): string | null {
  const url = URL.parse(text ?? 'https://slack.com/api/');
  if (url === null) return null;
  const loopback =
    url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
  const slack = url.protocol === 'https:' && url.hostname === 'slack.com';
  if (!slack && !(loopback && url.protocol === 'http:')) return null;
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

const EXPECTED_REDIS =
  'expects redis://…, redis+sentinel://… or redis+cluster://…, or the same with rediss for TLS (README.md, “Use it for real”)';

/** What is wrong with a Redis URL, without repeating it: it may hold a password. */
function mistakeIn(redisUrl: string): string | null {
  if (redisUrl === '') return EXPECTED_REDIS;
  try {
    redisPlace(redisUrl);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : EXPECTED_REDIS;
  }
}

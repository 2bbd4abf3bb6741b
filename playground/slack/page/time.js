// Times as Slack shows them: the clock for messages, words for days, and `<!date^…>` in the reader's own zone.

const DAY_MS = 86_400_000;

/**
 * Milliseconds since 1970 of a Slack `ts` ("1700000000.000100", seconds).
 * @param {string} ts
 */
export function tsMs(ts) {
  return Number(ts) * 1000;
}

/**
 * @param {Date} date
 * @param {Intl.DateTimeFormatOptions} options
 */
function format(date, options) {
  return new Intl.DateTimeFormat('en-GB', options).format(date);
}

/** @param {number} ms */
export function clock(ms) {
  return format(new Date(ms), { hour: '2-digit', minute: '2-digit' });
}

/**
 * The full moment, for tooltips.
 * @param {number} ms
 */
export function fullTime(ms) {
  return format(new Date(ms), { dateStyle: 'full', timeStyle: 'medium' });
}

/**
 * How many midnights lie between two moments (0: the same day).
 * @param {number} ms
 * @param {number} nowMs
 */
function daysAgo(ms, nowMs) {
  return Math.round((new Date(nowMs).setHours(0, 0, 0, 0) - new Date(ms).setHours(0, 0, 0, 0)) / DAY_MS);
}

/**
 * "Today", "Yesterday" or the day's name and date: the line between two days of messages.
 * @param {number} ms
 * @param {number} [nowMs]
 */
export function dayName(ms, nowMs = Date.now()) {
  return prettyDay(ms, nowMs) ?? format(new Date(ms), { weekday: 'long', day: 'numeric', month: 'long' });
}

/**
 * @param {number} ms
 * @param {number} nowMs
 * @returns {string | undefined}
 */
function prettyDay(ms, nowMs) {
  const days = daysAgo(ms, nowMs);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return days === -1 ? 'Tomorrow' : undefined;
}

/**
 * "just now", "4 minutes ago", "2 hours ago", and beyond a day the date.
 * @param {number} ms
 * @param {number} [nowMs]
 */
export function ago(ms, nowMs = Date.now()) {
  const seconds = Math.max(0, Math.round((nowMs - ms) / 1000));
  if (seconds < 45) return 'just now';
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return minutes === 1 ? '1 minute ago' : `${minutes} minutes ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return hours === 1 ? '1 hour ago' : `${hours} hours ago`;
  return format(new Date(ms), { dateStyle: 'medium' });
}

/**
 * A `<!date^…>` token's text; undefined when the moment is no number (Slack then shows the fallback).
 * @param {number} unixS seconds since 1970
 * @param {string} pattern such as `{date_short_pretty} {time}`
 * @param {number} [nowMs]
 * @returns {string | undefined}
 */
export function slackDate(unixS, pattern, nowMs = Date.now()) {
  if (!Number.isFinite(unixS)) return undefined;
  const date = new Date(unixS * 1000);
  const long = () => format(date, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const short = () => format(date, { day: 'numeric', month: 'short', year: 'numeric' });
  const plain = () => format(date, { day: 'numeric', month: 'long', year: 'numeric' });
  /** @param {() => string} otherwise */
  const pretty = (otherwise) => prettyDay(unixS * 1000, nowMs)?.toLowerCase() ?? otherwise();
  /** @type {Record<string, () => string>} */
  const tokens = {
    date_num: () => date.toISOString().slice(0, 10),
    date_slash: () => format(date, { dateStyle: 'short' }),
    date: plain,
    date_short: short,
    date_long: long,
    date_pretty: () => pretty(plain),
    date_short_pretty: () => pretty(short),
    date_long_pretty: () => pretty(long),
    time: () => clock(unixS * 1000),
    time_secs: () => format(date, { timeStyle: 'medium' }),
    ago: () => ago(unixS * 1000, nowMs),
  };
  const text = pattern.replaceAll(/\{([a-z_]+)\}/g, (whole, name) => tokens[name]?.() ?? whole);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

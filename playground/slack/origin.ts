// Who may talk to the local Slack: this machine, and of web pages only its own (facts/slack.md 2.10).
import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const FETCH_SITES = new Set(['same-origin', 'none']);

/** A name that leads here by DNS trickery is refused, whatever address it resolves to. */
export const isLoopbackHost = (host: string | undefined): boolean => {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  return LOOPBACK.has(new URL(`http://${host}`).hostname);
};

/**
 * True for scripts (no Origin) and for our own page. A page from elsewhere, another port of this machine included, could
 * otherwise press Approve.
 */
export const isOwnCaller = (request: IncomingMessage): boolean => {
  const { host, origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin !== undefined && origin !== `http://${host}`) return false;
  return site === undefined || FETCH_SITES.has(String(site));
};

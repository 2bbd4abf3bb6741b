// Links to messages of this workspace, as the app writes them and as Slack shortens them. Pure.

/**
 * Where a link to a message leads: `/archives/C…/p1700000000000100?thread_ts=…`, or `/?channel=…&message=…&thread=…`.
 * @param {URL} url
 * @param {string} origin of this page
 * @returns {{ channel: string, message: string | undefined, thread: string | undefined } | undefined}
 */
export function linkTarget(url, origin) {
  const archived = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(url.pathname);
  const channel = archived?.[1] ?? url.searchParams.get('channel');
  if (url.origin !== origin || channel === null || channel === undefined) return undefined;
  const message =
    archived === null ? (url.searchParams.get('message') ?? undefined) : `${archived[2]}.${archived[3]}`;
  const thread = url.searchParams.get('thread_ts') ?? url.searchParams.get('thread') ?? undefined;
  return { channel, message, thread };
}

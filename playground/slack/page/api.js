// Everything the page sends and receives: JSON over HTTP to its own server, and the stream that says what changed.

/**
 * @import { Refused, State, Faults, ClusterState, SseEvent } from '../contract.ts'
 */

/** A call that takes longer is given up: the slowest honest answer is an acknowledgement after 3 s. */
const CALL_LIMIT_MS = 10_000;

/**
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<{ ok: true } | Refused>}
 */
async function call(path, init) {
  try {
    const response = await fetch(path, {
      ...init,
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
      credentials: 'same-origin',
    });
    return await response.json();
  } catch {
    return {
      ok: false,
      error: 'not_reachable',
      hint: 'The local Slack does not answer. Is the playground still running?',
    };
  }
}

/**
 * Reads; parameters that are undefined are left out.
 * @param {string} path
 * @param {Record<string, string | undefined>} [params]
 */
function get(path, params = {}) {
  const given = Object.entries(params).filter((entry) => entry[1] !== undefined);
  const query = new URLSearchParams(/** @type {[string, string][]} */ (given)).toString();
  return call(query === '' ? path : `${path}?${query}`, {});
}

/**
 * One of the contract's `POST /ctl/…` calls.
 * @template Answer
 * @param {'command' | 'action' | 'submit' | 'close' | 'suggest' | 'message' | 'home' | 'read' | 'fault'} what
 * @param {object} body
 * @returns {Promise<(Answer & { ok: true }) | Refused>}
 */
export function post(what, body) {
  return /** @type {Promise<(Answer & { ok: true }) | Refused>} */ (
    call(`/ctl/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  );
}

/**
 * @param {{ user: string | undefined, channel: string | undefined, thread: string | undefined }} wanted
 * @returns {Promise<State | Refused>}
 */
export function readState(wanted) {
  return /** @type {Promise<State | Refused>} */ (get('/state', wanted));
}

/** @returns {Promise<ClusterState | Refused>} */
export function readCluster() {
  return /** @type {Promise<ClusterState | Refused>} */ (get('/ctl/cluster'));
}

/** @returns {Promise<Faults | Refused>} */
export function readFaults() {
  return /** @type {Promise<Faults | Refused>} */ (get('/ctl/faults'));
}

/**
 * Listens to what changed for this person; the browser reconnects by itself, and a first event then comes at once.
 * @param {string} user
 * @param {(event: SseEvent | 'open' | 'lost') => void} heard
 * @returns {() => void} stops listening
 */
export function listen(user, heard) {
  const source = new EventSource(`/sse?user=${encodeURIComponent(user)}`);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  let stop = () => source.close();
  source.addEventListener('changed', () => heard('changed'));
  source.addEventListener('cluster', () => heard('cluster'));
  source.addEventListener('open', () => heard('open'));
  source.addEventListener('error', () => {
    heard('lost');
    // A server that refused (it is being restarted) makes the browser give up: then we try ourselves.
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(again);
    again = setTimeout(() => {
      stop = listen(user, heard);
    }, 1_000);
  });
  return () => {
    clearTimeout(again);
    stop();
  };
}

// What survives a reload of this tab: drafts, half-filled forms, the place one looked at.

const PREFIX = 'playground/';

/**
 * @param {string} key
 * @param {unknown} value undefined forgets it
 */
export function keep(key, value) {
  try {
    if (value === undefined) sessionStorage.removeItem(PREFIX + key);
    else sessionStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A browser that stores nothing (private window, full disk) only loses the draft.
  }
}

/**
 * @param {string} key
 * @returns {unknown}
 */
export function recall(key) {
  try {
    const text = sessionStorage.getItem(PREFIX + key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

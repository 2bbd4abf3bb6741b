// Reading again and again without piling up.

/**
 * Wraps a read: calls during a read cause exactly one more, so the last change is never missed and nothing queues up.
 * @param {() => Promise<void>} read
 * @returns {() => Promise<void>} settles when what was there at the call has been read
 */
export function gathered(read) {
  /** @type {Promise<void> | undefined} */
  let reading;
  let again = false;
  const all = async () => {
    try {
      while (again) {
        again = false;
        await read();
      }
    } finally {
      reading = undefined;
    }
  };
  return () => {
    again = true;
    reading ??= all();
    return reading;
  };
}

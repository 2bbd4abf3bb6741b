// Reading again and again without piling up.

/**
 * Wraps a read: calls during a read cause exactly one more, so the last change is never missed and nothing queues up.
 * @param {() => Promise<void>} read
 * @returns {() => Promise<void>}
 */
export function gathered(read) {
  let reading = false;
  let again = false;
  return async () => {
    again = true;
    if (reading) return;
    reading = true;
    while (again) {
      again = false;
      await read();
    }
    reading = false;
  };
}

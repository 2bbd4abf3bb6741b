// Waits for the person to say stop.

/** Resolves at SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. stdin may be closed. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const alive = setInterval(() => undefined, 60_000); // Nothing else may be keeping the process awake.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        clearInterval(alive);
        resolve();
      });
    }
  });
}

// Waits for the person to say stop.

/** A terminal signals a whole group at once, and every process of it may pass the signal on: what comes so soon is the same one. */
const SAME_SIGNAL_MS = 1_000;

/** Resolves at SIGINT, SIGTERM or SIGHUP; one that comes later again ends the process at once. stdin may be closed. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    const alive = setInterval(() => undefined, 60_000); // Nothing else may be keeping the process awake.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        const now = performance.now();
        if (askedAt !== null && now - askedAt > SAME_SIGNAL_MS) process.exit(130);
        askedAt ??= now;
        clearInterval(alive);
        resolve();
      });
    }
  });
}

/** The timetable of a departure. */

/** When things happen to a departing machine, as shares of the node's `rebootMs`, counted from the accepted call. */
export const SHARE = {
  /** Until here the old system still answers RUNNING and ready (facts/talos-api.md 9.8). */
  leave: 0.05,
  servicesStopped: 0.12,
  down: 0.18,
  apid: 0.6,
  /** Before 1.13 apid starts with the other services. */
  lateApid: 0.72,
  services: 0.8,
  running: 0.9,
  ready: 0.95,
  caughtUp: 1,
} as const;

// What the configuration may say about who goes first, and how long it is watched before the next.
import { z } from 'zod';
import { REBOOT_MODES } from './cluster/reboot-mode.ts';
import { duration } from './config-duration.ts';
import type { CanaryPolicy, Soak } from './rollout/policy.ts';

/** A duration, or nothing at all. */
const orNone = z.string('expects a duration such as 90s, 15m or 4h').transform((text, context): number => {
  if (/^0(ms|s|m|h|d)?$/.test(text.trim())) return 0;
  const read = duration.safeParse(text);
  if (read.success) return read.data;
  for (const { message } of read.error.issues) context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

// A canary is there to be watched; between all others a pause is for those who want one (kubernetes.md 6.3).
export const soak = z
  .strictObject({
    workers: orNone.default(0),
    canary: orNone.default(600_000),
    stages: orNone.default(0),
  })
  .prefault({})
  .transform(
    ({ workers, canary: own, stages }): Soak => ({ workersMs: workers, canaryMs: own, stagesMs: stages }),
  );

export const canary = z
  .strictObject({
    node: z.string().min(1, "expects a worker's name").optional(),
    rebootMode: z.enum(REBOOT_MODES).optional(),
  })
  .prefault({})
  .transform(
    ({ node, rebootMode }): CanaryPolicy => ({
      ...(node === undefined ? {} : { node }),
      ...(rebootMode === undefined ? {} : { rebootMode }),
    }),
  );

/** Pulling an installer image onto a machine (ImageService.Pull, facts/talos-api.md 3.1). */
import { WorldError } from './error.ts';
import { type InstallerImage, isPublished, missing, parseImage } from './image.ts';
import type { ContainerdPlace } from './image-store.ts';
import type { MachineParts } from './machine-parts.ts';

export interface PullProgress {
  readonly layer: string;
  readonly status: 'downloading' | 'download complete' | 'extracting' | 'extract complete' | 'already exists';
  readonly elapsedMs: number;
  readonly offsetBytes: number;
  readonly totalBytes: number;
}

export type PullSink = (progress: PullProgress) => void;

const LAYER_BYTES = 94_371_840;
/** Messages a pull sends on its way. */
const PULL_MESSAGES = 5;

/** What a stream says when the machine it came from is gone. */
export function streamLost(): WorldError {
  return new WorldError('UNAVAILABLE', 'error reading from server: EOF');
}

/**
 * Pulls an image; resolves with it when it is in the store.
 * @throws WorldError NOT_FOUND, UNKNOWN (facts/talos-api.md 3.1), UNAVAILABLE when the machine goes away meanwhile
 */
export function pullImage(
  parts: MachineParts,
  order: { ref: string; place: ContainerdPlace; sink: PullSink },
): Promise<InstallerImage> {
  const { clock, knobs, node, images, state } = parts;
  return new Promise((resolve, reject) => {
    const image = parseImage(
      order.ref.includes('@sha256:') ? (images.find(order.place, order.ref)?.ref ?? order.ref) : order.ref,
    );
    const known = images.find(order.place, order.ref) !== null;
    const totalMs = known ? 0 : node.pullMs + knobs.extraPullMs;
    const absent = !known && (knobs.imageMissing || !isPublished(image));
    const cancels: (() => void)[] = [];
    const settle = (end: () => void): void => {
      for (const cancel of cancels) cancel();
      parts.deaths.delete(die);
      if (state.activity?.kind === 'pulling') state.activity = null;
      end();
      parts.changed();
    };
    const die = (): void => settle(() => reject(streamLost()));
    parts.deaths.add(die);
    if (state.activity === null)
      state.activity = { kind: 'pulling', sinceMs: clock.now(), lengthMs: totalMs };
    const layer = image.digest.slice(0, 19);
    for (let step = 0; step < PULL_MESSAGES && !absent && !known; step += 1) {
      const elapsedMs = (totalMs * step) / PULL_MESSAGES;
      const offsetBytes = Math.floor((LAYER_BYTES * step) / PULL_MESSAGES);
      const status = step === PULL_MESSAGES - 1 ? 'extracting' : 'downloading';
      cancels.push(
        clock.after(elapsedMs, () =>
          order.sink({ layer, status, elapsedMs, offsetBytes, totalBytes: LAYER_BYTES }),
        ),
      );
    }
    if (known)
      order.sink({ layer, status: 'already exists', elapsedMs: 0, offsetBytes: 0, totalBytes: LAYER_BYTES });
    const finish = (): void => {
      if (absent) settle(() => reject(missing(order.ref)));
      else {
        images.add(order.place, image);
        settle(() => resolve(image));
      }
    };
    cancels.push(clock.after(absent ? totalMs / 4 : totalMs, finish));
    parts.changed();
  });
}

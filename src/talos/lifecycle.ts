// Installing a new Talos image on machines from 1.13 on: pulling it, and writing it to disk.
import type { ActReply } from '../engine/ports/fault.ts';
import { Fault } from '../engine/ports/fault.ts';
import type { InstallEnd, May, PullProgress } from '../engine/ports/machines.ts';
import type { Acts } from './acts.ts';
import { ContainerDriver, ContainerdNamespace } from './gen/common/common_pb.ts';
import {
  ImageService,
  type ImageServicePullProgress,
  ImageServicePullLayerProgress_Status as LayerStatus,
} from './gen/machine/image_pb.ts';
import { LifecycleService } from './gen/machine/lifecycle_pb.ts';
import { LineAssembler } from './line.ts';
import { QUESTION_LIMIT_MS, type Reads } from './reads.ts';

/** Where talosctl keeps installers by default; pull and install must name the same place (talos-api.md 3.1). */
export const INSTALLER_STORE = { driver: ContainerDriver.CRI, namespace: ContainerdNamespace.NS_SYSTEM };
/** Milliseconds for a pull: Image Factory may build the image first, silently, for minutes (talos-api.md 3.1). */
const PULL_LIMIT_MS = 25 * 60_000;
/**
 * That silence looks like a connection that is half open, so it is looked into. The machine has twice the time of a usual question: an
 * image that comes and is unpacked keeps its line and its disk busy.
 */
const PULL_SILENCE = { askAfterMs: 15_000, answerWithinMs: 2 * QUESTION_LIMIT_MS };
/** Milliseconds until an installation counts as lost; slow disks take minutes, none takes this long. */
const INSTALL_LIMIT_MS = 30 * 60_000;
/** Lines kept of an installation's end: what a person needs to see why it failed. */
const LAST_LINES = 20;

/** Downloads an image into the machine's store; resolves with its pinned reference. Throws Fault, `missing` below 1.13. */
export async function pullImage(
  reads: Reads,
  address: string,
  image: string,
  options: { readonly onProgress: (progress: PullProgress) => void; readonly signal: AbortSignal },
): Promise<{ readonly reference: string }> {
  const layers = new Map<string, { done: number; total: number }>();
  let reference = '';
  const question = {
    ...{ node: address, limitMs: PULL_LIMIT_MS, signal: options.signal },
    silence: PULL_SILENCE,
  };
  const request = { containerd: INSTALLER_STORE, imageRef: image };
  await reads.follow(ImageService.method.pull, request, question, ({ response }) => {
    if (response.case === 'name') reference = response.value;
    if (response.case !== 'pullProgress') return;
    noteLayer(layers, response.value);
    const all = [...layers.values()];
    options.onProgress({
      doneBytes: all.reduce((sum, { done }) => sum + done, 0),
      totalBytes: all.reduce((sum, { total }) => sum + total, 0),
    });
  });
  if (reference === '')
    throw new Fault('broken', `${address} ended the pull of ${image} without naming the image.`);
  return { reference };
}

function noteLayer(
  layers: Map<string, { done: number; total: number }>,
  step: ImageServicePullProgress,
): void {
  if (step.progress === undefined) return;
  const known = layers.get(step.layerId) ?? { done: 0, total: 0 };
  const total = Math.max(known.total, Number(step.progress.total));
  // Extracting counts its own bytes: a layer that is past downloading is all here.
  const downloading = step.progress.status === LayerStatus.DOWNLOADING;
  const done = downloading ? Math.max(known.done, Number(step.progress.offset)) : total;
  layers.set(step.layerId, { done: Math.min(done, total), total });
}

/** Writes a pulled image to disk. The exit code comes in band; a stream without one is lost, and the installer runs on. */
export function installImage(
  acts: Acts,
  address: string,
  image: string,
  { onLine, may }: { readonly onLine: (line: string) => void; readonly may?: May | undefined },
): Promise<ActReply<InstallEnd>> {
  const lastLines: string[] = [];
  const lines = new LineAssembler((line) => {
    lastLines.push(line);
    if (lastLines.length > LAST_LINES) lastLines.shift();
    onLine(line);
  });
  return acts.stream(address, {
    method: LifecycleService.method.upgrade,
    request: { containerd: INSTALLER_STORE, source: { imageName: image } },
    limitMs: INSTALL_LIMIT_MS,
    may,
    take: ({ progress }): InstallEnd | undefined => {
      if (progress?.response.case === 'message') lines.push(progress.response.value);
      if (progress?.response.case !== 'exitCode') return undefined;
      lines.end();
      return { exitCode: progress.response.value, lastLines };
    },
  });
}

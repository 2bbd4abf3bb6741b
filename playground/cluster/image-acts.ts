/** ImageService and LifecycleService: the upgrade of Talos 1.13 and later (facts/talos-api.md 3.1). */
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import gte from 'semver/functions/gte.js';
import {
  ContainerDriver,
  type ContainerdInstance,
  ContainerdNamespace,
} from '../../src/talos/gen/common/common_pb.ts';
import {
  type ImageService,
  ImageServicePullLayerProgress_Status as Status,
} from '../../src/talos/gen/machine/image_pb.ts';
import type { LifecycleService } from '../../src/talos/gen/machine/lifecycle_pb.ts';
import { WorldError } from '../world/error.ts';
import type { ContainerdPlace } from '../world/image-store.ts';
import type { PullProgress } from '../world/pull.ts';
import type { Acts } from './act.ts';
import { encode } from './bytes.ts';
import { listedImages } from './listed-images.ts';

const STATUSES: Readonly<Record<PullProgress['status'], Status>> = {
  downloading: Status.DOWNLOADING,
  'download complete': Status.DOWNLOAD_COMPLETE,
  extracting: Status.EXTRACTING,
  'extract complete': Status.EXTRACT_COMPLETE,
  'already exists': Status.ALREADY_EXISTS,
};

function placeOf(containerd: ContainerdInstance | undefined): ContainerdPlace | null {
  if (containerd === undefined) return null;
  const { driver, namespace } = containerd;
  if (namespace === ContainerdNamespace.NS_SYSTEM) return driver === ContainerDriver.CRI ? 'system' : 'inmem';
  return namespace === ContainerdNamespace.NS_CRI && driver === ContainerDriver.CRI ? 'cri' : null;
}

function assertPlace(containerd: ContainerdInstance | undefined): ContainerdPlace {
  const place = placeOf(containerd);
  if (place !== null) return place;
  const namespace = containerd?.namespace ?? ContainerdNamespace.NS_UNKNOWN;
  const why =
    namespace === ContainerdNamespace.NS_CRI
      ? 'cannot use CRI namespace with containerd driver'
      : 'invalid containerd namespace NS_UNKNOWN';
  throw new WorldError('INVALID_ARGUMENT', why);
}

export const imageActs: Acts<typeof ImageService> = {
  list: ({ containerd }, call, replies) => {
    for (const { createdAtMs, ...image } of listedImages(call, assertPlace(containerd)))
      replies.send({ ...image, createdAt: timestampFromMs(createdAtMs) });
  },
  pull: async ({ containerd, imageRef }, { machine }, replies) => {
    const sink = ({ layer, status, elapsedMs, offsetBytes, totalBytes }: PullProgress): void => {
      const progress = {
        status: STATUSES[status],
        elapsed: durationFromMs(Math.round(elapsedMs)),
        offset: BigInt(offsetBytes),
        total: BigInt(totalBytes),
      };
      replies.send({ response: { case: 'pullProgress', value: { layerId: layer, progress } } });
    };
    const name = await machine.pull({ ref: imageRef, place: assertPlace(containerd), sink });
    replies.send({ response: { case: 'name', value: name } });
  },
};

/** What Talos before 1.14.0-rc.1 puts into one message: chunks that do not respect lines. */
const CHUNK_BYTES = 512;

export const lifecycleActs: Acts<typeof LifecycleService> = {
  upgrade: async ({ containerd, source }, { machine }, replies) => {
    const say = (message: string): void =>
      replies.send({ progress: { response: { case: 'message', value: message } } });
    // Since then a message is one line with its end.
    const byLine = gte(machine.version, '1.14.0-rc.1');
    let held = '';
    const sink = (line: string): void => {
      if (byLine) {
        say(`${line}\n`);
        return;
      }
      held += `${line}\n`;
      // Now and then a chunk ends in the middle of a line, as on a real one.
      const cut = held.length > 60 ? held.length - 7 : 0;
      if (cut > 0) say(held.slice(0, Math.min(cut, CHUNK_BYTES)));
      held = held.slice(Math.min(cut, CHUNK_BYTES));
    };
    const ref = source?.imageName ?? '';
    const exitCode = await machine.install({ ref, place: placeOf(containerd), sink });
    if (encode(held).length > 0) say(held);
    replies.send({ progress: { response: { case: 'exitCode', value: exitCode } } });
  },
};

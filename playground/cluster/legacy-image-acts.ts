/** MachineService, the calls about images that ImageService replaces from 1.13 on, and that are still served. */
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { ContainerdNamespace } from '../../src/talos/gen/common/common_pb.ts';
import type { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { WorldError } from '../world/error.ts';
import type { ContainerdPlace } from '../world/image-store.ts';
import { pullImage } from '../world/pull.ts';
import type { Acts } from './act.ts';
import { listedImages } from './listed-images.ts';

function placeOf(namespace: ContainerdNamespace): ContainerdPlace {
  if (namespace === ContainerdNamespace.NS_SYSTEM) return 'system';
  if (namespace === ContainerdNamespace.NS_CRI) return 'cri';
  throw new WorldError('INVALID_ARGUMENT', 'invalid namespace NS_UNKNOWN');
}

export const legacyImageActs: Pick<Acts<typeof MachineService>, 'imageList' | 'imagePull'> = {
  imageList: ({ namespace }, call, replies) => {
    for (const { createdAtMs, ...image } of listedImages(call, placeOf(namespace)))
      replies.send({ ...image, createdAt: timestampFromMs(createdAtMs) });
  },
  imagePull: async ({ namespace, reference }, { machine }) => {
    await pullImage(machine.parts, { ref: reference, place: placeOf(namespace), sink: () => {} });
    return { messages: [{}] };
  },
};

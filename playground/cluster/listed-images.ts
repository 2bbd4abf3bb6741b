/** The images a machine tells of: what it pulled, and what its Kubernetes runs on. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ContainerdPlace } from '../world/image-store.ts';
import type { Call } from './act.ts';

export interface ListedImage {
  readonly name: string;
  readonly digest: string;
  readonly size: bigint;
  readonly createdAtMs: number;
}

const IMAGE_BYTES = 94_371_840n;
const EVERYWHERE = ['pause:3.10', 'kube-proxy:VERSION', 'coredns/coredns:v1.13.1'];
const CONTROL_PLANE = ['kube-apiserver:VERSION', 'kube-controller-manager:VERSION', 'kube-scheduler:VERSION'];

export function listedImages({ machine, world }: Call, place: ContainerdPlace): readonly ListedImage[] {
  const { images, clock, state } = machine.parts;
  const pulled = images.list(place).map(({ ref, digest }) => ({ ref, digest, createdAtMs: clock.now() }));
  const names =
    place !== 'cri' ? [] : machine.node.role === 'worker' ? EVERYWHERE : [...EVERYWHERE, ...CONTROL_PLANE];
  const running = names.map((name) => {
    const ref = `registry.k8s.io/${name.replace('VERSION', world.settings.kubernetesVersion)}`;
    return { ref, digest: `sha256:${bytesToHex(sha256(utf8ToBytes(ref)))}`, createdAtMs: state.bootedAtMs };
  });
  return [...running, ...pulled].map(({ ref, ...rest }) => ({ name: ref, size: IMAGE_BYTES, ...rest }));
}

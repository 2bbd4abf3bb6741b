// Which images of Kubernetes a machine runs, from the resources its kubelet and its static pods are made of.
import type { ComponentImage, Told } from '../cluster/inspection.ts';
import type { Asking } from './asking.ts';
import { resources } from './kinds.ts';

/** From 1.14 on what is in force has this before its id; what it was made from stands beside it (talos-api.md 9.20). */
const FINAL = 'final-';

/** The kubelet's status (>= 1.14, every role), else its specification, which some versions show to os:admin only. */
export async function kubeletOf(asking: Asking): Promise<Told<ComponentImage>> {
  const status = await asking.one(resources.kubeletStatus, 'kubelet', kubelet);
  if (status.kind !== 'absent' && status.kind !== 'unsupported') return status;
  return await asking.one(resources.kubeletSpec, 'kubelet', kubelet);
}

function kubelet({ image }: { readonly image: string }): ComponentImage | null {
  return image === '' ? null : { component: 'kubelet', image };
}

/** Empty on workers, which answer with empty lists. */
export async function controlPlaneOf(asking: Asking): Promise<Told<readonly ComponentImage[]>> {
  const parts = await Promise.all([
    asking.all(resources.apiServer, (found) =>
      inForce(
        'kube-apiserver',
        found.map(({ id, spec }) => ({ id, image: spec.image })),
      ),
    ),
    asking.all(resources.controllerManager, (found) =>
      inForce('kube-controller-manager', found.filter(isEnabled).map(imageOf)),
    ),
    asking.all(resources.scheduler, (found) =>
      inForce('kube-scheduler', found.filter(isEnabled).map(imageOf)),
    ),
  ]);
  // The first that was not told stands for all: half a list would pass for a whole one.
  const images: ComponentImage[] = [];
  for (const part of parts) {
    if (part.kind !== 'said') return part;
    images.push(...part.value);
  }
  return { kind: 'said', value: images };
}

interface Named {
  readonly id: string;
  readonly image: string;
}

interface Component {
  readonly id: string;
  readonly spec: { readonly enabled: boolean; readonly image: string };
}

function isEnabled({ spec }: Component): boolean {
  return spec.enabled;
}

function imageOf({ id, spec }: Component): Named {
  return { id, image: spec.image };
}

/** By list and not by id, because ids differ between versions. */
function inForce(component: string, found: readonly Named[]): readonly ComponentImage[] {
  const last = found.find(({ id }) => id.startsWith(FINAL)) ?? found[0];
  return last === undefined || last.image === '' ? [] : [{ component, image: last.image }];
}

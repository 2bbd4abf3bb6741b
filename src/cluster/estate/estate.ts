// Everything Kubernetes says beside its nodes: what is asked for a full pre-flight. Never journalled.
import type { Answer } from '../answer.ts';
import type { LeaseView } from '../lease.ts';
import type {
  ArgoView,
  CephView,
  FluxView,
  HealthView,
  LonghornView,
  OtherUpgrader,
  VeleroView,
} from './neighbours.ts';
import type {
  AccessView,
  ApiServiceView,
  ComponentView,
  FailClosedWebhook,
  NodeDetail,
  OwnPods,
  PendingCsr,
} from './platform.ts';
import type { BudgetView, LocalVolumeView, PodView } from './pods.ts';

/** One subject each, asked apart: a subject that cannot be read leaves the others standing. Null = not installed here. */
export interface EstateViews {
  readonly nodes: readonly NodeDetail[];
  readonly pods: readonly PodView[];
  readonly budgets: readonly BudgetView[];
  readonly localVolumes: readonly LocalVolumeView[];
  readonly components: readonly ComponentView[];
  readonly pendingCsrs: readonly PendingCsr[];
  readonly webhooks: readonly FailClosedWebhook[];
  readonly apiServices: readonly ApiServiceView[];
  readonly access: readonly AccessView[];
  /** Null where none is taken. */
  readonly lease: LeaseView | null;
  readonly ownPods: OwnPods;
  readonly flux: readonly FluxView[] | null;
  readonly argo: readonly ArgoView[] | null;
  readonly velero: VeleroView | null;
  readonly longhorn: LonghornView | null;
  readonly ceph: readonly CephView[] | null;
  readonly otherUpgraders: readonly OtherUpgrader[];
  readonly health: readonly HealthView[];
}

export type EstateSubject = keyof EstateViews;

export type Estate = { readonly [Subject in EstateSubject]: Answer<EstateViews[Subject]> };

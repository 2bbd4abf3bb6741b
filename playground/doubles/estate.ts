// The port EstateReader over plain values: a quiet Kubernetes, of which a test changes what it is about, also in the middle of a rollout.
import type { EstateSubject, EstateViews } from '../../src/cluster/estate/estate.ts';
import type { EstateReader } from '../../src/engine/ports/estate.ts';

const QUIET: EstateViews = {
  nodes: [],
  pods: [],
  budgets: [],
  localVolumes: [],
  components: [{ node: 'cp-1', component: 'kube-apiserver', version: 'v1.34.1' }],
  pendingCsrs: [],
  webhooks: [],
  apiServices: [],
  access: [],
  lease: null,
  ownPods: { nodes: [] },
  flux: null,
  argo: null,
  velero: null,
  longhorn: null,
  ceph: null,
  otherUpgraders: [],
  health: [],
};

export class SimulatedEstate {
  /** Subjects in the order in which they were asked about. */
  readonly asked: EstateSubject[] = [];
  #views: EstateViews = QUIET;

  change(changed: Partial<EstateViews>): void {
    this.#views = { ...this.#views, ...changed };
  }

  readonly reader: EstateReader = {
    nodes: async () => this.#tell('nodes'),
    pods: async () => this.#tell('pods'),
    budgets: async () => this.#tell('budgets'),
    localVolumes: async () => this.#tell('localVolumes'),
    components: async () => this.#tell('components'),
    pendingCsrs: async () => this.#tell('pendingCsrs'),
    webhooks: async () => this.#tell('webhooks'),
    apiServices: async () => this.#tell('apiServices'),
    access: async () => this.#tell('access'),
    lease: async () => this.#tell('lease'),
    ownPods: async () => this.#tell('ownPods'),
    flux: async () => this.#tell('flux'),
    argo: async () => this.#tell('argo'),
    velero: async () => this.#tell('velero'),
    longhorn: async () => this.#tell('longhorn'),
    ceph: async () => this.#tell('ceph'),
    otherUpgraders: async () => this.#tell('otherUpgraders'),
    health: async () => this.#tell('health'),
  };

  #tell<Subject extends EstateSubject>(subject: Subject): EstateViews[Subject] {
    this.asked.push(subject);
    return this.#views[subject];
  }
}

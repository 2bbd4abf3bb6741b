// The Kubernetes adapter against a real kube-apiserver, when TALOS_CHATOPS_TEST_KUBECONFIG names one that agreed.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { takeEstate } from '../../src/engine/estate.ts';
import { KubernetesConnection } from '../../src/kubernetes/connection.ts';
import { leaseDesk } from '../../src/kubernetes/lease-desk.ts';
import { type KubernetesSettings, openKubernetes } from '../../src/kubernetes/open.ts';
import { describeAdvisoryLease } from '../contracts/advisory-lease.contract.ts';
import { describeBackups } from '../contracts/backups.contract.ts';
import { describeEstate } from '../contracts/estate.contract.ts';
import { describeNeighbours } from '../contracts/neighbours.contract.ts';
import { openRealApi, realKubeconfigPath } from '../contracts/real-api.ts';
import { RealBeside } from '../contracts/real-beside.ts';
import { RealCluster } from '../contracts/real-cluster.ts';
import { accountWith } from '../contracts/real-rights.ts';
import { describeWorkloads } from '../contracts/workloads.contract.ts';
import { documentedRoles } from './documented-roles.ts';

const path = realKubeconfigPath();

if (path === null) {
  describe('the Kubernetes adapter on a real API', () => {
    it.skip('keeps its contracts (skipped: TALOS_CHATOPS_TEST_KUBECONFIG names no kubeconfig)', () =>
      undefined);
  });
} else {
  const start = async () => {
    const api = await openRealApi(path);
    const cluster = new RealCluster(api);
    await cluster.build();
    const source = { kind: 'text', text: api.kubeconfig } as const;
    return {
      open: (settings: Partial<KubernetesSettings> = {}) => openKubernetes({ source, ...settings }),
      objects: cluster,
      called: (name: string) => cluster.called(name),
      stop: async () => {
        await cluster.takeAway();
        api.close();
      },
    };
  };
  describeWorkloads('the Kubernetes adapter on a real API, in pages of two', async () => {
    const started = await start();
    return { ...started, workloads: started.open({ pageSize: 2 }).workloads };
  });
  describeEstate('the Kubernetes adapter on a real API', start);
  const beside = async () => {
    const api = await openRealApi(path);
    const hands = new RealBeside(api);
    const source = { kind: 'text', text: api.kubeconfig } as const;
    const { backups, neighbours, workloads } = openKubernetes({ source, pageSize: 2 });
    return {
      ...{ hands, backups, neighbours },
      stop: async () => {
        await workloads.close();
        await hands.takeAway();
        api.close();
      },
    };
  };
  describeNeighbours('the Kubernetes adapter on a real API, in pages of two', beside);
  describeBackups('the Kubernetes adapter on a real API, in pages of two', beside);
  describe('the roles of docs/kubernetes-access.md on a real API', () => {
    const LEASE = { namespace: 'kube-system', name: 'talos-chatops' };
    const seenWith = async (without: string | null) => {
      const api = await openRealApi(path);
      const hands = new RealBeside(api);
      const { small } = await hands.velero();
      await hands.add({ kind: 'Kustomization', namespace: 'flux-system', name: 'apps' });
      const roles = documentedRoles()
        .filter(({ metadata }) => metadata.name !== without)
        .map((role) =>
          role.metadata.namespace === 'velero'
            ? { ...role, metadata: { ...role.metadata, namespace: small.namespace } }
            : role,
        );
      const account = await accountWith(api, roles);
      const uses = { flux: true, argo: true, velero: small.namespace, lease: LEASE };
      const source = { kind: 'text', text: account.kubeconfig } as const;
      const { estate, grants, workloads } = openKubernetes({ source, uses, clock: systemClock });
      const seen = await takeEstate(estate, systemClock);
      const { unread, ungranted } = await grants();
      await workloads.close();
      await account.takeAway();
      await hands.takeAway();
      api.close();
      const denied = seen.access.kind === 'said' ? seen.access.value.filter(({ allowed }) => !allowed) : null;
      return { seen, denied: denied?.map(({ act }) => act), unread, ungranted };
    };

    it('are enough for all that is asked and for every right that is used', async () => {
      const { seen, denied, unread, ungranted } = await seenWith(null);
      expect(Object.values(seen).filter(({ kind }) => kind === 'silent')).toEqual([]);
      expect(denied).toEqual([]);
      expect([...unread, ...ungranted]).toEqual([]);
    });

    it('and a doctor is told what only force needs when that is left out', async () => {
      const { ungranted } = await seenWith('talos-chatops-force');
      expect(ungranted.map(({ act }) => act)).toEqual(['delete pods']);
    });

    it('and a doctor is told what cannot be checked when all of it is left out', async () => {
      const { unread } = await seenWith('talos-chatops');
      expect(unread.map(({ act }) => act)).toContain('list poddisruptionbudgets.policy');
    });

    it('and the check names what is missing when one of them is left out', async () => {
      const { denied } = await seenWith('talos-chatops-lease');
      expect(denied).toEqual(
        ['get', 'create', 'update'].map((verb) => `${verb} leases.coordination.k8s.io in kube-system`),
      );
    });
  });
  describeAdvisoryLease('the Kubernetes adapter on a real API', async () => {
    const api = await openRealApi(path);
    const where = { namespace: 'default', name: `talos-chatops-${randomBytes(3).toString('hex')}` };
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${where.namespace}/leases/${where.name}`;
    const source = { kind: 'text', text: api.kubeconfig } as const;
    const connection = new KubernetesConnection({ source, timeoutMs: 10_000 });
    return {
      desk: leaseDesk(connection, where),
      where,
      hands: {
        spec: async () => {
          const { code, body } = await api.ask('GET', lease);
          return code === 404 ? null : (body as { readonly spec: Readonly<Record<string, unknown>> }).spec;
        },
        label: async () => {
          await api.must('PATCH', lease, { metadata: { labels: { team: 'platform' } } });
        },
        empty: async () => {
          await api.must('PATCH', lease, { spec: { holderIdentity: '' } });
        },
        remove: async () => {
          await api.must('DELETE', lease);
        },
      },
      stop: async () => {
        await connection.close();
        await api.must('DELETE', lease);
        api.close();
      },
    };
  });
}

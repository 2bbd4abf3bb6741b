// A ServiceAccount on a real kube-apiserver with the roles of docs/kubernetes-access.md, and nothing else.
import { randomBytes } from 'node:crypto';
import { parse, stringify } from 'yaml';
import type { RealApi } from './real-api.ts';

export interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly object[];
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

export interface Account {
  /** A kubeconfig with its token. */
  readonly kubeconfig: string;
  takeAway(): Promise<void>;
}

/** Roles are put there under names of their own; the namespaces they are in must exist. */
export async function accountWith(api: RealApi, roles: readonly Role[]): Promise<Account> {
  const suffix = randomBytes(3).toString('hex');
  const name = `talos-chatops-${suffix}`;
  const put: string[] = [];
  const post = async (collection: string, body: object, called: string): Promise<void> => {
    await api.must('POST', collection, body);
    put.push(`${collection}/${called}`);
  };
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await post(accounts, { metadata: { name } }, name);
  const subjects = [{ kind: 'ServiceAccount', name, namespace: 'default' }];
  for (const { kind, metadata, rules } of roles) {
    const called = `${metadata.name}-${suffix}`;
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name: called };
    const within = metadata.namespace === undefined ? RBAC : `${RBAC}/namespaces/${metadata.namespace}`;
    const [plural, bindings] =
      kind === 'ClusterRole' ? ['clusterroles', 'clusterrolebindings'] : ['roles', 'rolebindings'];
    const about = { metadata: { ...metadata, name: called } };
    await post(`${within}/${plural}`, { ...about, rules }, called);
    await post(`${within}/${bindings}`, { ...about, roleRef, subjects }, called);
  }
  const answer = await api.must('POST', `${accounts}/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 600 },
  });
  const { status } = answer as { readonly status: { readonly token: string } };
  return {
    kubeconfig: withToken(api.kubeconfig, status.token),
    takeAway: async () => {
      for (const path of put.toReversed()) await api.must('DELETE', path);
    },
  };
}

function withToken(kubeconfig: string, token: string): string {
  const { clusters } = parse(kubeconfig) as { readonly clusters: readonly [{ readonly name: string }] };
  const context = { cluster: clusters[0].name, user: 'bot' };
  return stringify({
    ...{ apiVersion: 'v1', kind: 'Config', clusters },
    users: [{ name: 'bot', user: { token } }],
    contexts: [{ name: 'bot', context }],
    'current-context': 'bot',
  });
}

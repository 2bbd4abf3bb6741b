// What is taken out of a machine's configuration, and that nothing else of it is.
import { describe, expect, it } from 'vitest';
import { configIn } from '../../src/talos/machine-config.ts';

const V1ALPHA1 = `version: v1alpha1
machine:
  type: controlplane
  token: 328hom.secret
  ca: { crt: c2VjcmV0, key: c2VjcmV0 }
  kubelet: { image: 'ghcr.io/siderolabs/kubelet:v1.34.1' }
  install:
    disk: /dev/nvme0n1
    image: factory.talos.dev/metal-installer/abc:v1.13.4
    grubUseUKICmdline: true
    extraKernelArgs: [console=ttyS0, talos.config=https://user:secret@example.com/, -selinux]
cluster:
  id: secret
  controlPlane: { endpoint: 'https://user:secret@10.0.0.10:6443/secret' }
  etcd: { ca: { crt: c2VjcmV0, key: c2VjcmV0 }, extraArgs: { quota-backend-bytes: '8589934592' } }
  apiServer: { image: 'registry.k8s.io/kube-apiserver:v1.34.1' }
  controllerManager: { image: 'registry.k8s.io/kube-controller-manager:v1.34.1' }
  scheduler: { image: 'registry.k8s.io/kube-scheduler:v1.34.1' }
  proxy: { image: 'registry.k8s.io/kube-proxy:v1.34.1' }
`;
const INSTALL = `apiVersion: v1alpha1
kind: UnattendedInstallConfig
installer: { image: 'factory.talos.dev/metal-installer/def:v1.14.0' }
`;

/** As `talosctl gen config` of 1.14 writes it: what is left in the first document, and one for each component. */
const DOCUMENTS = `version: v1alpha1
machine: { type: controlplane, token: secret }
cluster: { id: secret }
---
${INSTALL}provisioning: { diskSelector: { match: 'disk.dev_path == "/dev/sda"' }, wipe: false }
---
apiVersion: v1alpha1
kind: DiscoveryServiceConfig
endpoint: https://discovery.talos.dev/
---
apiVersion: v1alpha1
kind: KubeClusterConfig
clusterName: ours
endpoint: https://user:secret@10.0.0.10:6443
---
apiVersion: v1alpha1
kind: KubeletConfig
image: ghcr.io/siderolabs/kubelet:v1.37.0
config: {}
---
apiVersion: v1alpha1
kind: KubeSchedulerConfig
image: registry.k8s.io/kube-scheduler:v1.37.0
---
apiVersion: v1alpha1
kind: KubeAPIServerConfig
image: registry.k8s.io/kube-apiserver:v1.37.0
---
apiVersion: v1alpha1
kind: KubeControllerManagerConfig
enabled: false
image: registry.k8s.io/kube-controller-manager:v1.37.0
---
apiVersion: v1alpha1
kind: KubeProxyConfig
enabled: true
image: registry.k8s.io/kube-proxy:v1.37.0
`;

const read = (text: string) => configIn(Buffer.from(text));

describe('a machine configuration', () => {
  it('gives what is needed of it, without its secrets', () => {
    const view = read(V1ALPHA1);
    expect(view).toEqual({
      installDisk: '/dev/nvme0n1',
      installImage: 'factory.talos.dev/metal-installer/abc:v1.13.4',
      kernelArguments: ['console', 'talos.config', '-selinux'],
      grubUsesImage: true,
      etcdQuotaBytes: 8_589_934_592,
      endpoint: 'https://10.0.0.10:6443',
      images: [
        { component: 'kubelet', image: 'ghcr.io/siderolabs/kubelet:v1.34.1' },
        { component: 'kube-apiserver', image: 'registry.k8s.io/kube-apiserver:v1.34.1' },
        { component: 'kube-controller-manager', image: 'registry.k8s.io/kube-controller-manager:v1.34.1' },
        { component: 'kube-scheduler', image: 'registry.k8s.io/kube-scheduler:v1.34.1' },
        { component: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.34.1' },
      ],
    });
    expect(JSON.stringify(view)).not.toMatch(/secret/i);
  });

  it('of several documents is read as one, in whatever order', () => {
    for (const text of [`${V1ALPHA1}---\n${INSTALL}`, `${INSTALL}---\n${V1ALPHA1}`]) {
      const view = read(text);
      expect(view.installImage).toBe('factory.talos.dev/metal-installer/def:v1.14.0');
      expect(view.endpoint).toBe('https://10.0.0.10:6443');
    }
  });

  it('of 1.14, with a document for each component, names the same of them', () => {
    const view = read(DOCUMENTS);
    expect(view.installImage).toBe('factory.talos.dev/metal-installer/def:v1.14.0');
    expect(view.endpoint).toBe('https://10.0.0.10:6443');
    expect(view.images).toEqual([
      { component: 'kubelet', image: 'ghcr.io/siderolabs/kubelet:v1.37.0' },
      { component: 'kube-apiserver', image: 'registry.k8s.io/kube-apiserver:v1.37.0' },
      { component: 'kube-scheduler', image: 'registry.k8s.io/kube-scheduler:v1.37.0' },
      { component: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.37.0' },
    ]);
    expect(JSON.stringify(view)).not.toMatch(/secret|discovery/i);
  });

  it('that says little leaves the rest open', () => {
    expect(read('machine: { type: worker }\n')).toEqual({
      installDisk: null,
      installImage: null,
      kernelArguments: [],
      grubUsesImage: false,
      etcdQuotaBytes: null,
      endpoint: null,
      images: [],
    });
  });

  it('names no image of a component that is switched off', () => {
    const text = 'machine: {}\ncluster: { proxy: { disabled: true, image: "kube-proxy:v1.34.1" } }\n';
    expect(read(text).images).toEqual([]);
  });

  it.each([
    ['no YAML', 'machine: { token: secret\n  key: ['],
    ['nothing', ''],
    ['no configuration', 'secret'],
    ['another document', INSTALL],
  ])('that is %s is broken, and is not quoted', (_what, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ kind: 'broken' }));
    expect(() => read(text)).not.toThrow(/secret|token|factory/);
  });
});

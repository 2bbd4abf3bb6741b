// The few facts needed of a machine's configuration, taken out of its text at once: the rest of it is secrets, and is dropped.
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { ComponentImage, MachineConfigView } from '../cluster/inspection.ts';
import { Fault } from '../engine/ports/fault.ts';

const image = z.object({ image: z.string().nullish() }).nullish();
const machineShape = z.object({
  machine: z
    .object({
      install: z
        .object({
          disk: z.string().nullish(),
          image: z.string().nullish(),
          extraKernelArgs: z.array(z.string()).nullish(),
          grubUseUKICmdline: z.boolean().nullish(),
        })
        .nullish(),
      kubelet: image,
    })
    .nullish(),
  cluster: z
    .object({
      controlPlane: z.object({ endpoint: z.string().nullish() }).nullish(),
      etcd: z.object({ extraArgs: z.record(z.string(), z.unknown()).nullish() }).nullish(),
      apiServer: image,
      controllerManager: image,
      scheduler: image,
      proxy: z.object({ image: z.string().nullish(), disabled: z.boolean().nullish() }).nullish(),
    })
    .nullish(),
});
/**
 * From 1.14 on new clusters say in documents of their own what runs, which Talos lets nobody say twice
 * (pkg/machinery/config/types/k8s of its source).
 */
const partShape = z.object({
  kind: z.string(),
  image: z.string().nullish(),
  enabled: z.boolean().nullish(),
  endpoint: z.string().nullish(),
});
/** By kind of document, in the order in which components are told. */
const COMPONENTS: ReadonlyMap<string, string> = new Map([
  ['KubeletConfig', 'kubelet'],
  ['KubeAPIServerConfig', 'kube-apiserver'],
  ['KubeControllerManagerConfig', 'kube-controller-manager'],
  ['KubeSchedulerConfig', 'kube-scheduler'],
  ['KubeProxyConfig', 'kube-proxy'],
]);
/** And so they say what to install. */
const installShape = z.object({
  kind: z.literal('UnattendedInstallConfig'),
  installer: z.object({ image: z.string().nullish() }).nullish(),
});

/**
 * Reads the bytes of `yaml_marshalled`: one document or several (talos-api.md 9.21). Throws Fault `broken` for a text that is
 * no configuration, and never quotes it.
 */
export function configIn(bytes: Uint8Array): MachineConfigView {
  const documents = documentsIn(new TextDecoder().decode(bytes));
  const main = documents.map((one) => machineShape.safeParse(one)).find((one) => isMain(one.data));
  const install = documents.map((one) => installShape.safeParse(one)).find((one) => one.success);
  const parts = documents.flatMap((one) => partShape.safeParse(one).data ?? []);
  const machine = main?.data?.machine;
  const cluster = main?.data?.cluster;
  if (machine === undefined && cluster === undefined)
    throw new Fault('broken', 'The machine configuration cannot be read.');
  return {
    installDisk: textOr(machine?.install?.disk),
    installImage: textOr(install?.data?.installer?.image) ?? textOr(machine?.install?.image),
    kernelArguments: (machine?.install?.extraKernelArgs ?? []).map(nameOf),
    grubUsesImage: machine?.install?.grubUseUKICmdline === true,
    etcdQuotaBytes: quotaIn(cluster?.etcd?.extraArgs?.['quota-backend-bytes']),
    endpoint: withoutCredentials(
      textOr(parts.find(({ kind }) => kind === 'KubeClusterConfig')?.endpoint) ??
        textOr(cluster?.controlPlane?.endpoint),
    ),
    images: [
      ...named('kubelet', machine?.kubelet?.image),
      ...named('kube-apiserver', cluster?.apiServer?.image),
      ...named('kube-controller-manager', cluster?.controllerManager?.image),
      ...named('kube-scheduler', cluster?.scheduler?.image),
      ...(cluster?.proxy?.disabled === true ? [] : named('kube-proxy', cluster?.proxy?.image)),
      ...imagesIn(parts),
    ],
  };
}

function imagesIn(parts: readonly z.infer<typeof partShape>[]): readonly ComponentImage[] {
  return [...COMPONENTS].flatMap(([kind, component]) =>
    parts
      .filter((part) => part.kind === kind && part.enabled !== false)
      .flatMap(({ image }) => named(component, image)),
  );
}

/** The document of machine and cluster is the one without a kind. */
function isMain(data: z.infer<typeof machineShape> | undefined): boolean {
  return data?.machine !== undefined || data?.cluster !== undefined;
}

function documentsIn(text: string): readonly unknown[] {
  try {
    // Its warnings would go to stderr by themselves, with a piece of what they are about.
    return parseAllDocuments(text, { logLevel: 'error' }).map((document) => {
      if (document.errors.length > 0) throw new Error('not valid YAML');
      return document.toJS() as unknown;
    });
  } catch {
    // The parser's own error quotes the line it stumbled over.
    throw new Fault('broken', 'The machine configuration is not valid YAML.');
  }
}

function textOr(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === '' ? null : text;
}

function named(component: string, image: string | null | undefined): readonly ComponentImage[] {
  const text = textOr(image);
  return text === null ? [] : [{ component, image: text }];
}

/** A text in most configurations, a list of texts from 1.12 on; of several the last one counts, as on a command line. */
function quotaIn(value: unknown): number | null {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  const bytes = typeof last === 'string' || typeof last === 'number' ? Number(last) : 0;
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

/** `console` of `console=ttyS0`. */
function nameOf(argument: string): string {
  return argument.split('=')[0] ?? '';
}

function withoutCredentials(endpoint: string | null): string | null {
  if (endpoint === null || !URL.canParse(endpoint)) return null;
  const { protocol, host } = new URL(endpoint);
  return `${protocol}//${host}`;
}

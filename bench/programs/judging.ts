// The bot's side of the Kubernetes half of a pre-flight as a process of its own: reads everything, judges it, and tells what that took.
import { PRE_FLIGHT, runChecks } from '../../src/checks/checklist.ts';
import { systemClock } from '../../src/clock.ts';
import { takeEstate } from '../../src/engine/estate.ts';
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { aCluster } from '../../test/builders/snapshot.ts';

export interface Judging {
  readonly kubeconfig: string;
  readonly nodes: number;
}

export interface Judgement {
  readonly readMs: number;
  readonly checkMs: number;
  /** The most memory this process ever held, as the system counts it. */
  readonly residentBytes: number;
  readonly pods: number;
  /** Subjects that did not answer: a pre-flight that knows nothing is quick. */
  readonly silent: readonly string[];
}

const ASKED = { target: 'v1.13.5', factory: 'factory.talos.dev' } as const;
const KIB = 1_024;

async function judge({ kubeconfig, nodes }: Judging): Promise<Judgement> {
  const { estate: reader, workloads } = openKubernetes({
    source: { kind: 'text', text: kubeconfig },
    onlyLoopback: true,
  });
  const begunMs = performance.now();
  const [estate, listed] = await Promise.all([takeEstate(reader, systemClock), workloads.nodes()]);
  const readMs = performance.now() - begunMs;
  if (listed.length !== nodes) throw new Error(`${listed.length} nodes were listed, not ${nodes}`);
  const snapshot = aCluster({ controlPlane: 3, workers: nodes - 3 })
    .withEstate(estate)
    .build();
  const judgedMs = performance.now();
  runChecks(PRE_FLIGHT, snapshot, ASKED);
  const checkMs = performance.now() - judgedMs;
  await workloads.close();
  return {
    readMs,
    checkMs,
    residentBytes: process.resourceUsage().maxRSS * KIB,
    pods: estate.pods.kind === 'said' ? estate.pods.value.length : 0,
    silent: Object.entries(estate).flatMap(([subject, { kind }]) => (kind === 'silent' ? [subject] : [])),
  };
}

process.once('message', (judging: Judging) => {
  judge(judging)
    .then((judged) => process.send?.({ judged }))
    .catch((error: unknown) => process.send?.({ failed: String(error) }))
    .finally(() => process.disconnect());
});

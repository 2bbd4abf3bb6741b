// The bot's side of the Kubernetes half of a pre-flight as a process of its own: reads everything, judges it, and tells what that took.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { PRE_FLIGHT, runChecks } from '../../src/checks/checklist.ts';
import { systemClock } from '../../src/clock.ts';
import { takeEstate } from '../../src/engine/estate.ts';
import { compile } from '../../src/kubernetes/estate/expression.ts';
import type { HealthCheck } from '../../src/kubernetes/estate/health.ts';
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { aCluster } from '../../test/builders/snapshot.ts';

export interface Judging {
  readonly kubeconfig: string;
  readonly nodes: number;
}

export interface Judgement {
  readonly readMs: number;
  readonly checkMs: number;
  /** The longest time in which nothing else got its turn: a lease is renewed in between. */
  readonly stallMs: number;
  /** The most memory this process ever held, as the system counts it. */
  readonly residentBytes: number;
  readonly pods: number;
  /** Subjects that did not answer: a pre-flight that knows nothing is quick. */
  readonly silent: readonly string[];
  /** What became of the health checks. */
  readonly health: readonly string[];
}

const ASKED = { target: 'v1.13.5', factory: 'factory.talos.dev' } as const;
const KIB = 1_024;
const STALL_RESOLUTION_MS = 5;
const NS_A_MS = 1_000_000;

/** One that every pod has to fulfil: the widest check that people write. */
function everyPod(text: string): HealthCheck {
  const compiled = compile(text);
  if (compiled.kind === 'mistake') throw new Error(compiled.sentence);
  return {
    ...{ name: 'pods run', apiVersion: 'v1', kind: 'Pod', selector: null, timeoutMs: 600_000 },
    object: { namespace: null, name: null },
    expression: compiled.expression,
  };
}

async function judge({ kubeconfig, nodes }: Judging): Promise<Judgement> {
  const { estate: reader, workloads } = openKubernetes({
    source: { kind: 'text', text: kubeconfig },
    onlyLoopback: true,
    health: [everyPod('status.phase in ["Running", "Succeeded"]')],
  });
  const begunMs = performance.now();
  // The client is loaded once in the life of a process, and counts as time; the stalls are those of every pre-flight.
  await import('@kubernetes/client-node');
  const stalls = monitorEventLoopDelay({ resolution: STALL_RESOLUTION_MS });
  stalls.enable();
  const [estate, listed] = await Promise.all([takeEstate(reader, systemClock), workloads.nodes()]);
  const readMs = performance.now() - begunMs;
  if (listed.length !== nodes) throw new Error(`${listed.length} nodes were listed, not ${nodes}`);
  const snapshot = aCluster({ controlPlane: 3, workers: nodes - 3 })
    .withEstate(estate)
    .build();
  const judgedMs = performance.now();
  runChecks(PRE_FLIGHT, snapshot, ASKED);
  const checkMs = performance.now() - judgedMs;
  // The delay of a turn is told by the next one.
  await pause(STALL_RESOLUTION_MS * 2);
  stalls.disable();
  await workloads.close();
  return {
    readMs,
    checkMs,
    stallMs: stalls.max / NS_A_MS,
    residentBytes: process.resourceUsage().maxRSS * KIB,
    pods: estate.pods.kind === 'said' ? estate.pods.value.length : 0,
    silent: Object.entries(estate).flatMap(([subject, { kind }]) => (kind === 'silent' ? [subject] : [])),
    health:
      estate.health.kind === 'said' ? estate.health.value.map(({ verdict }) => verdict) : [estate.health.why],
  };
}

process.once('message', (judging: Judging) => {
  judge(judging)
    .then((judged) => process.send?.({ judged }))
    .catch((error: unknown) => process.send?.({ failed: String(error) }))
    .finally(() => process.disconnect());
});

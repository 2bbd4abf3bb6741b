// A simulated cluster as a process of its own, so that its work and its memory are not the bot's. Ends with its parent.
import { setTimeout as pause } from 'node:timers/promises';
import type { OnCall } from '../../playground/cluster/apid.ts';
import { type Cluster, startCluster } from '../../playground/cluster/cluster.ts';
import { createRandom } from '../../playground/world/random.ts';
import type { Heard, Manners, Reply, Request } from './cluster-talk.ts';

const PROMPT: Manners = { usualMs: [0, 0], slow: null, dead: null };

let cluster: Cluster | null = null;
let manners = PROMPT;
let heard = new Map<string, Heard>();
let random = createRandom(1);
/** The question whose answer is slow, while it has not been given. */
let awaited: string | null = null;

const nowMs = (): number => performance.timeOrigin + performance.now();

const onCall: OnCall = async ({ method, node }) => {
  const begunMs = nowMs();
  const before = heard.get(node);
  const calls = { ...before?.calls, [method]: (before?.calls[method] ?? 0) + 1 };
  // Counted when it comes: a call that nobody ever answers was a call.
  heard.set(node, { firstMs: begunMs, lastMs: begunMs, slowestMs: 0, ...before, calls });
  const into = heard;
  const { slow, usualMs } = manners;
  const [least, most] = usualMs;
  const usual = least + random.next() * (most - least);
  if (slow?.node === node && before === undefined) awaited = method;
  // Slow through every endpoint: whoever asks a second way hears nothing sooner.
  await pause(slow?.node === node && method === awaited ? slow.ms : usual);
  if (slow?.node === node && method === awaited) awaited = null;
  const now = into.get(node);
  const endedMs = nowMs();
  if (now !== undefined)
    into.set(node, { ...now, lastMs: endedMs, slowestMs: Math.max(now.slowestMs, endedMs - begunMs) });
};

async function answer(request: Request): Promise<Reply> {
  switch (request.kind) {
    case 'start': {
      cluster = await startCluster({ settings: request.settings, onCall });
      const { talosconfig, kubeconfig, addresses, port } = cluster;
      return { kind: 'started', talosconfig, kubeconfig, addresses, port };
    }
    case 'prepare':
      manners = request.manners;
      heard = new Map();
      awaited = null;
      random = createRandom(1);
      cluster?.world.heal();
      if (manners.dead !== null) cluster?.world.inject('unreachable', { node: manners.dead });
      return { kind: 'prepared' };
    case 'tell':
      return { kind: 'tally', heard: Object.fromEntries(heard) };
  }
}

process.on('message', (request: Request) => {
  answer(request)
    .catch((error: unknown): Reply => ({ kind: 'failed', why: String(error) }))
    .then((reply) => process.send?.(reply))
    .catch(() => process.exit(1));
});
process.on('disconnect', () => process.exit(0));

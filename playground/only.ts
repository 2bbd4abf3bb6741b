// One half of the playground alone: the local Slack for any bot, or the simulated cluster for any client.
import type { Wish } from './arguments.ts';
import { startCluster } from './cluster/cluster.ts';
import { startSlack } from './slack/slack.ts';
import { CLUSTER, MANIFEST } from './stage.ts';
import { untilSignal } from './until-signal.ts';

type Print = (line: string) => void;

export async function onlySlack(port: number, print: Print): Promise<number> {
  const slack = await startSlack({ manifestPath: MANIFEST, port });
  const { url, apiUrl, botToken, appToken, users, channels } = slack;
  print(JSON.stringify({ url, botToken, appToken, users, channels, apiUrl }));
  await untilSignal();
  await slack.stop();
  return 0;
}

export async function onlyCluster(
  wish: Extract<Wish, { kind: 'only-cluster' }>,
  print: Print,
): Promise<number> {
  const { seed, size, rebootMs } = wish.options;
  const cluster = await startCluster({
    settings: { clusterName: CLUSTER, seed, ...(size ?? {}), ...(rebootMs === null ? {} : { rebootMs }) },
    out: wish.out,
  });
  if (cluster.files === null) throw new Error('the cluster wrote no files');
  print(cluster.files.talosconfig);
  print(cluster.files.kubeconfig);
  await untilSignal();
  await cluster.stop();
  return 0;
}

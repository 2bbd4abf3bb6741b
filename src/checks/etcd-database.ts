// Checks on etcd's database and versions: what grows slowly and stops a cluster at once.

import { said } from '../cluster/answer.ts';
import { told } from '../cluster/inspection.ts';
import type { EtcdView, NodeSnapshot, Snapshot } from '../cluster/snapshot.ts';
import { type Finding, summed } from './finding.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** etcd's own, unless the configuration says otherwise (kubernetes.md 3.1). */
const DEFAULT_QUOTA_BYTES = 2 * GIB;
/** Beyond the quota etcd takes no writes any more and raises NOSPACE (kubernetes.md 5, failure 5). */
const NEAR = 0.8;
const AT = 0.95;
/** A database of which less than this share is in use gets small again by defragmenting. */
const HOLLOW = 0.7;

interface Member {
  readonly node: NodeSnapshot;
  readonly view: EtcdView;
}

function membersOf(snapshot: Snapshot): readonly Member[] {
  return snapshot.nodes.flatMap((node) => {
    const view = said(node.etcd);
    return view === null ? [] : [{ node, view }];
  });
}

/** Expects the database of every member that answers to stay well below its quota. A silent member is etcd-quorum's news. */
export function databasesAreSmall(snapshot: Snapshot): readonly Finding[] {
  const check = 'etcd-size';
  const members = membersOf(snapshot);
  if (members.length === 0) return [nobodyTold(check, 'how large its database is')];
  const troubles = members.flatMap(({ node, view }): readonly Finding[] => {
    const quota = quotaOf(node);
    const share = view.dbBytes / quota;
    if (share <= NEAR) return [];
    const level = share > AT ? 'blocker' : 'warning';
    const sizes = `${mib(view.dbBytes)} of ${mib(quota)} (${Math.floor(share * 100)} %), ${mib(view.dbInUseBytes)} in use`;
    const sentence = `The etcd database on ${node.name} fills its quota: ${sizes}.`;
    return [{ check, level, subject: node.name, sentence, advice: adviceFor(view, node.name) }];
  });
  return summed(check, troubles, `No etcd database is above ${NEAR * 100} % of its quota.`);
}

function quotaOf({ inspection }: NodeSnapshot): number {
  const answered = said(inspection);
  const config = answered === null ? null : told(answered.config);
  return config?.etcdQuotaBytes ?? DEFAULT_QUOTA_BYTES;
}

function adviceFor({ dbBytes, dbInUseBytes }: EtcdView, node: string): string {
  if (dbInUseBytes < dbBytes * HOLLOW)
    return `Defragment one member after another, the leader last: \`talosctl -n ${node} etcd defrag\`.`;
  return 'Find out what fills it, or raise `quota-backend-bytes` in `cluster.etcd.extraArgs`.';
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

/** Warns when members run different etcds, or keep their data in different formats: an upgrade stopped half way. */
export function versionsAgree(snapshot: Snapshot): readonly Finding[] {
  const check = 'etcd-versions';
  const members = membersOf(snapshot);
  if (members.length === 0) return [nobodyTold(check, 'which version it runs')];
  const troubles = [
    ...spread(members, ({ version }) => minorOf(version), 'run different versions of etcd'),
    ...spread(members, ({ storageVersion }) => storageVersion, 'keep their data in different versions'),
  ].map((sentence): Finding => {
    const advice = 'Finish the upgrade that left them so before the next minor version.';
    return { check, level: 'warning', subject: 'etcd', sentence, advice };
  });
  return summed(check, troubles, 'All members of etcd that answer run the same version.');
}

/** Members of 3.6.5 and 3.6.12 understand each other; patches differ in every upgrade that was stopped for a while. */
function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function spread(
  members: readonly Member[],
  pick: (view: EtcdView) => string,
  what: string,
): readonly string[] {
  const known = members.filter(({ view }) => pick(view) !== '');
  if (new Set(known.map(({ view }) => pick(view))).size < 2) return [];
  return [
    `The members of etcd ${what}: ${known.map(({ node, view }) => `${node.name} ${pick(view)}`).join(', ')}.`,
  ];
}

function nobodyTold(check: string, what: string): Finding {
  const sentence = `No member of etcd told ${what}.`;
  const advice = 'Make the Talos API of the control-plane nodes reachable for the bot.';
  return { check, level: 'unknown', subject: 'etcd', sentence, advice };
}

// How an upgrade shall go about it: in one go or staged, and by which kind of restart; and what people should know of it.
import type { Finding } from '../../checks/finding.ts';
import { listed } from '../../cluster/listed.ts';
import { canRestartBy, type RebootMode } from '../../cluster/reboot-mode.ts';
import { methodFor } from '../../cluster/version.ts';
import type { Goal } from '../goal.ts';
import type { PlannedNode } from '../plan.ts';
import type { Policy } from '../policy.ts';

export interface Manner {
  readonly staged: boolean;
  readonly rebootMode: RebootMode;
}

/** What was asked, else what the cluster's policy says. */
export function mannerOf(goal: Extract<Goal, { kind: 'upgrade-talos' }>, policy: Policy): Manner {
  return { staged: goal.staged === true, rebootMode: goal.rebootMode ?? policy.rebootMode };
}

/** `mannerFor`: how that node goes about it, which is not how all do (a canary may restart in a way of its own). */
export function mannerFindings(
  nodes: readonly PlannedNode[],
  mannerFor: (node: PlannedNode) => Manner,
): readonly Finding[] {
  const touched = nodes.filter((node) => node.touched);
  const byMode = Map.groupBy(touched, (node) => mannerFor(node).rebootMode);
  const staged = touched.filter((node) => mannerFor(node).staged);
  return [
    ...[...byMode].flatMap(([mode, own]) => modeFindings(mode, own, own.length === touched.length)),
    ...stagedFindings(staged),
  ];
}

/** `all`: it is how every machine restarts, so none is named. */
function modeFindings(mode: RebootMode, nodes: readonly PlannedNode[], all: boolean): readonly Finding[] {
  const check = 'reboot-mode';
  const unable = nodes.filter((node) => !canRestartBy(mode, node.from));
  if (unable.length > 0) {
    const sentence = `${named(unable)} cannot be restarted with ${mode}: up to Talos 1.12 the upgrade call knows only default and powercycle.`;
    const own = all ? '' : ', or change `rebootMode` of `policy.canary`';
    const advice = `Ask again with --reboot-mode default or powercycle${own}.`;
    return [{ check, level: 'blocker', subject: unable[0]?.name ?? '', sentence, advice }];
  }
  const subject = all ? 'machines' : (nodes[0]?.name ?? '');
  if (mode === 'force') {
    const of = all ? '' : ` of ${named(nodes)}`;
    const sentence = `Reboot mode force stops nothing before a restart${of}: to whatever still runs on the node, etcd among it, it is a power cut.`;
    const advice = 'Use it where a graceful restart is known to hang, and nowhere else.';
    return [{ check, level: 'warning', subject, sentence, advice }];
  }
  if (mode === 'default') return [];
  const who = all ? 'Nodes restart through their' : `${named(nodes)} restarts through its`;
  const sentence = `${who} firmware (powercycle), which takes longer than kexec.`;
  return [{ check, level: 'ok', subject, sentence, advice: null }];
}

function stagedFindings(touched: readonly PlannedNode[]): readonly Finding[] {
  const check = 'staged';
  const armed = touched.filter((node) => methodFor(node.from) === 'lifecycle');
  const twice = touched.filter((node) => methodFor(node.from) === 'legacy');
  const findings: Finding[] = [];
  if (armed.length > 0) {
    const sentence = `${named(armed)} will be armed from the installation until the restart: any restart, a crash too, boots the new version.`;
    const advice = 'Restart installed nodes soon, and one at a time.';
    findings.push({ check, level: 'warning', subject: armed[0]?.name ?? '', sentence, advice });
  }
  if (twice.length > 0) {
    const sentence = `${named(twice)} will restart twice: up to Talos 1.12 a staged upgrade installs in the boot between.`;
    findings.push({ check, level: 'warning', subject: twice[0]?.name ?? '', sentence, advice: null });
  }
  return findings;
}

function named(nodes: readonly PlannedNode[]): string {
  return listed(nodes.map(({ name }) => name));
}

// How an upgrade shall go about it: in one go or staged, and by which kind of restart; and what people should know of it.
import type { Finding } from '../../checks/finding.ts';
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

/** Names listed in a sentence; the others are counted. */
const MAX_NAMED = 5;

export function mannerFindings(nodes: readonly PlannedNode[], manner: Manner): readonly Finding[] {
  const touched = nodes.filter((node) => node.touched);
  if (touched.length === 0) return [];
  return [...modeFindings(touched, manner), ...(manner.staged ? stagedFindings(touched) : [])];
}

function modeFindings(touched: readonly PlannedNode[], { rebootMode }: Manner): readonly Finding[] {
  const check = 'reboot-mode';
  const unable = touched.filter((node) => !canRestartBy(rebootMode, node.from));
  if (unable.length > 0) {
    const sentence = `${named(unable)} cannot be restarted with ${rebootMode}: up to Talos 1.12 the upgrade call knows only default and powercycle.`;
    const advice = 'Ask again with --reboot-mode default or powercycle.';
    return [{ check, level: 'blocker', subject: unable[0]?.name ?? '', sentence, advice }];
  }
  if (rebootMode === 'force') {
    const sentence =
      'Reboot mode force stops nothing before a restart: to whatever still runs on the node, etcd among it, it is a power cut.';
    const advice = 'Use it where a graceful restart is known to hang, and nowhere else.';
    return [{ check, level: 'warning', subject: 'machines', sentence, advice }];
  }
  if (rebootMode === 'default') return [];
  const sentence = 'Nodes restart through their firmware (powercycle), which takes longer than kexec.';
  return [{ check, level: 'ok', subject: 'machines', sentence, advice: null }];
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
  const names = nodes.slice(0, MAX_NAMED).map((node) => node.name);
  const hidden = nodes.length - names.length;
  return hidden > 0 ? `${names.join(', ')} and ${hidden} more` : names.join(', ');
}

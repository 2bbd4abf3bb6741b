// Checks on Kubernetes versions: the components fit each other (kubernetes.md 3.9).
import type { ComponentView } from '../cluster/estate/platform.ts';
import { listed } from '../cluster/listed.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { compareVersions, parseVersion } from '../cluster/version.ts';
import { judged, orWell, type Trouble } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';

/** Minors a kubelet may be behind the API server: three, and two before 1.25. */
const KUBELET_BEHIND = 3;
const OLD_KUBELET_BEHIND = 2;
const OLD_KUBELET_MINOR = 25;
/** Minors the other components of the control plane may be behind, and API servers apart. */
const CONTROL_PLANE_APART = 1;

const SERVERS =
  'Let the bot list the pods of kube-system: the API server of each control-plane node is one of them.';

interface Running extends ComponentView {
  readonly minor: number;
}

/** Expects no component ahead of the oldest API server, and none too far behind the newest. */
export function componentsFit(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'version-skew', subject: 'components', what: 'Kubernetes versions' } as const;
  return judged(about, snapshot, (components) => {
    const unread = components.filter(({ version }) => parseVersion(version) === null);
    if (unread.length > 0) {
      const names = unread.map(({ component, node, version }) => `${component} on ${node} (${version})`);
      const sentence = `The version of ${listed(names)} is not one.`;
      return [{ level: 'unknown', sentence, advice: 'Use an image with a version as its tag.' }];
    }
    const running = components.map((one): Running => ({ ...one, minor: minorOf(one.version) }));
    const servers = running.filter(({ component }) => component === 'kube-apiserver');
    const [first] = servers;
    if (first === undefined) {
      const sentence = 'No kube-apiserver was seen, so nobody can say what fits it.';
      return [{ level: 'unknown', sentence, advice: SERVERS }];
    }
    const oldest = servers.reduce(
      (old, one) => (compareVersions(one.version, old.version) < 0 ? one : old),
      first,
    );
    const newest = servers.reduce((young, one) => (one.minor > young.minor ? one : young), first);
    const troubles = running.flatMap((one): Trouble[] => {
      const why = misfit(one, oldest, newest);
      if (why === null) return [];
      const sentence = `${one.component} on ${one.node} runs ${one.version}, ${why}.`;
      return [
        { level: 'blocker', subject: one.node, sentence, advice: 'Finish the Kubernetes upgrade first.' },
      ];
    });
    const versions = [...new Set(running.map(({ version }) => version))].sort(compareVersions);
    if (troubles.length === 0 && versions.length > 1) {
      const sentence = `Kubernetes runs in ${versions.length} versions at once: ${versions.join(', ')}.`;
      return [{ level: 'warning', sentence, advice: 'A Kubernetes upgrade may be unfinished.' }];
    }
    return orWell(troubles, `Kubernetes runs ${versions.join(', ')} everywhere.`);
  });
}

function misfit(one: Running, oldest: Running, newest: Running): string | null {
  const server = one.component === 'kube-apiserver';
  if (!server && compareVersions(one.version, oldest.version) > 0 && one.minor > oldest.minor)
    return `newer than the kube-apiserver on ${oldest.node} (${oldest.version})`;
  const behind = newest.minor - one.minor;
  if (behind <= allowedBehind(one)) return null;
  return `${behind} minor versions behind the kube-apiserver on ${newest.node} (${newest.version})`;
}

function allowedBehind({ component, minor }: Running): number {
  if (component !== 'kubelet' && component !== 'kube-proxy') return CONTROL_PLANE_APART;
  return minor < OLD_KUBELET_MINOR ? OLD_KUBELET_BEHIND : KUBELET_BEHIND;
}

function minorOf(version: string): number {
  return Number(version.replace(/^v/, '').split('.')[1]);
}

// The simulated cluster in the words of the panel. Pure: a snapshot in, sentences and states out.

/**
 * @import { NodeView, WorldSnapshot } from '../../world/snapshot.ts'
 *
 * @typedef {'well' | 'busy' | 'away' | 'sick'} Mood
 */

/**
 * The snapshot, if that is what it is: a script may run the local Slack with another cluster or none.
 * @param {unknown} value
 * @returns {WorldSnapshot | undefined}
 */
export function asSnapshot(value) {
  const known = value !== null && typeof value === 'object' && 'nodes' in value && Array.isArray(value.nodes);
  return known ? /** @type {WorldSnapshot} */ (value) : undefined;
}

const PHASES = {
  pulling: 'pulling the image',
  installing: 'installing',
  draining: 'draining',
  leaving: 'shutting down',
  down: 'restarting',
  booting: 'booting',
};

/**
 * What the node does now, and how worried one should be.
 * @param {NodeView} node
 * @returns {{ mood: Mood, words: string }}
 */
export function moodOf(node) {
  if (node.phase !== 'idle') {
    const away = node.phase === 'leaving' || node.phase === 'down' || node.phase === 'booting';
    return { mood: away ? 'away' : 'busy', words: PHASES[node.phase] };
  }
  if (!node.listening) return { mood: 'sick', words: 'does not answer' };
  if (!node.ready) return { mood: 'sick', words: node.unmet[0]?.reason ?? `${node.stage}, not ready` };
  if (!node.back) return { mood: 'away', words: 'coming back' };
  return { mood: 'well', words: node.stage };
}

/**
 * What an armed node will boot next.
 * @param {NodeView} node
 */
export function nextVersion(node) {
  return node.slots.find((slot) => slot.isDefault && !slot.isBooted)?.version;
}

/**
 * @param {string} version `v1.13.4`
 * @returns {number[]}
 */
function numbers(version) {
  return (version.match(/\d+/g) ?? []).map(Number);
}

/**
 * The newest version any node runs.
 * @param {readonly NodeView[]} nodes
 * @returns {string | undefined}
 */
export function newest(nodes) {
  return nodes
    .map((node) => node.version)
    .sort((left, right) => {
      const [a, b] = [numbers(left), numbers(right)];
      const at = a.findIndex((one, index) => one !== (b[index] ?? 0));
      return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
    })
    .at(-1);
}

/**
 * etcd in one line: how many vote, how many must, and how many may still go.
 * @param {WorldSnapshot['etcd']} etcd
 * @returns {{ mood: Mood, words: string, up: number, voters: number }}
 */
export function quorumOf(etcd) {
  const voters = etcd.members.filter((member) => !member.learner);
  const up = voters.filter((member) => member.up && member.caughtUp).length;
  const need = Math.floor(voters.length / 2) + 1;
  const spare = up - need;
  const alarms = etcd.members.filter((member) => member.alarm !== null).length;
  const rest = spare > 0 ? `can lose ${spare}` : spare === 0 ? 'can lose none' : 'quorum lost';
  const mood = spare < 0 || !etcd.quorum ? 'sick' : spare === 0 || alarms > 0 ? 'away' : 'well';
  const alarm = alarms > 0 ? `, ${alarms === 1 ? 'an alarm' : `${alarms} alarms`}` : '';
  return {
    mood,
    words: `${up} of ${voters.length} vote, ${need} needed, ${rest}${alarm}`,
    up,
    voters: voters.length,
  };
}

/**
 * "2 installs, 1 reboot": only what happened.
 * @param {NodeView['counters']} counters
 * @returns {string[]}
 */
export function countsOf(counters) {
  /** @type {[number, string][]} */
  const all = [
    [counters.installs, 'install'],
    [counters.reboots, 'reboot'],
    [counters.rollbacks, 'rollback'],
  ];
  return all
    .map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`)
    .filter((words) => !/^0 rollbacks/.test(words));
}

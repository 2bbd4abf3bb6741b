// What a person can do about the reasons for which a machine refuses to be installed or upgraded, by the server's exact words.

/** First match wins. The texts are those of Talos's own source (talos-api.md 3.1 and 3.4). */
const ADVICE: readonly (readonly [text: RegExp, advice: string])[] = [
  [/in agent mode/, 'It waits as an agent to be taken into a cluster: nothing can be upgraded on it.'],
  [/in container mode/, 'It is a container: replace it by one of the new version.'],
  [/in maintenance mode/, 'Give it its configuration first: it is in maintenance mode.'],
  [/(machine|Talos) is not installed/, 'It runs from memory: install it to a disk first.'],
  [/already in progress/, 'Wait until the other installation has ended, then retry.'],
  [/installer image name is required/, 'The plan names no image: ask for a new one.'],
  [/system disk/, 'Look at its disks: the one Talos was installed to is not found.'],
  [/not found in containerd store/, 'The image was collected again: retry, which pulls it anew.'],
  [
    /upgrade failed: failed to create (lease|container|task)/,
    'Look at containerd on the machine, then retry.',
  ],
  [
    /image verification failed|verification denied/,
    "The machine's own policy refuses the image's signature.",
  ],
  [/parse image reference/, 'That is no name of an image: look at the registry configured for it.'],
  [/installer help returned non-zero exit/, 'That image is no Talos installer: look at its name.'],
  [
    /failed to (pull|resolve)|error pulling image/,
    'See that the image exists and that the machine reaches its registry, then retry.',
  ],
  [
    /Locked by another session|failed to acquire upgrade lock/,
    'Another node is being upgraded at the moment, by this bot or somebody else: wait for it, then retry.',
  ],
  [
    /failed to acquire upgrade mutex|failed to create etcd client/,
    'Bring etcd back first: it does not answer, or has no quorum.',
  ],
  [
    /member count\(\d+\) is insufficient/,
    'Two members cannot spare one: add a third control-plane node, or remove one from etcd first.',
  ],
  [/etcd member [0-9a-f]+ is not started/, 'Start that member, or remove it from etcd, then retry.'],
  [/etcd member [0-9a-f]+ is not healthy/, 'Bring that member back first, then retry.'],
  [/only 1 etcd member found/, 'Its data would be wiped: that takes a plan which preserves it.'],
  [
    /staged upgrade|install options/,
    'Nothing was staged: look at its META partition, or upgrade it without --stage.',
  ],
];

/** A sentence with a space before it, or nothing. */
export function upgradeAdvice(serverText: string): string {
  const advice = ADVICE.find(([text]) => text.test(serverText))?.[1];
  return advice === undefined ? '' : ` ${advice}`;
}

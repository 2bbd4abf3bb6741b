// Which story tries every crash point of which scenario of the playground, and which scenarios have none, and why.

/** Story by scenario. */
export const STORY_OF: Readonly<Record<string, string>> = {
  upgrade: 'upgrade',
  'upgrade-legacy': 'upgrade-legacy',
  denied: 'denied',
  // Whatever stops a plan for good, nothing is begun and nobody is asked: that of the certificate is such a plan.
  blocked: 'expired-cert',
  'expired-cert': 'expired-cert',
  override: 'overridden',
  held: 'skipped',
  rollback: 'rollback',
  extensions: 'extensions',
  staged: 'staged',
  'abort-midway': 'abort-midway',
  'lost-reply': 'lost-reply',
  'leader-moves': 'leader-moves',
  maintenance: 'maintenance',
  cel: 'between',
  'other-upgrader': 'between',
  velero: 'beside',
  flux: 'beside',
  argo: 'beside',
  journey: 'journey-hop',
  'parallel-workers': 'parallel-workers',
  canary: 'canary',
  'pdb-blocked': 'drain-left',
  'pdb-mended': 'drain-blocked',
  'stuck-terminating': 'stuck-terminating',
  'pod-returns': 'pod-returns',
  'single-cp': 'single-cp',
  'single-node': 'single-node',
  'never-ready': 'never-ready',
  'fell-back': 'fell-back',
  'fell-back-control-plane': 'fell-back-control-plane',
  'second-reboot': 'second-reboot',
};

const KILLED = 'Its story is the kill itself, which every story here has at every point.';
const STORE =
  'The store of these stories is in memory and does not fail: what Redis does is tried in test/store and in the soak.';
const NETWORK =
  'Connections belong to src/talos; the engine is given an answer or a fault, as at a lost reply.';
const REPLICAS =
  'Who else drives is decided by the lease alone, which test/engine/drive.test.ts and the soak share out among several.';

/** Why a scenario has none. */
export const WITHOUT_STORY: Readonly<Record<string, string>> = {
  ...{ crash: KILLED, 'kill-worker': KILLED, 'kill-worker-reboot': KILLED, 'kill-worker-drain': KILLED },
  ...{ 'kill-redis': STORE, 'frozen-redis': STORE },
  ...{ 'half-open': NETWORK, 'endpoint-dies': NETWORK },
  ...{ 'two-replicas': REPLICAS, 'two-replicas-die': REPLICAS, 'two-replicas-replaced': REPLICAS },
  matrix:
    'Versions and platforms change what a plan says, not which kinds of steps it has: those are upgrade and upgrade-legacy.',
  'preflight-zoo': 'Findings of a plan: nothing is begun.',
  'fell-back-again': 'Two rollouts one after the other: fell-back with an end, and an upgrade.',
  'slack-outage':
    'The engine knows no Slack: the bot that shows its journal is tried in test/bot and in the soak.',
};

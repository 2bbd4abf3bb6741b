// Keeps the session's picture of the simulated cluster, and of what can be broken in it, up to date.
import { readCluster, readFaults } from './api.js';
import { gathered } from './gathered.js';
import { session, tell, watch } from './session.js';

/** Reads the simulated cluster. */
export const refreshCluster = gathered(async () => {
  const answer = await readCluster();
  if (!answer.ok) return;
  session.cluster = answer.cluster;
  tell('cluster');
});

async function readFaultKinds() {
  const answer = await readFaults();
  if (!answer.ok) return;
  session.clusterFaults = answer.cluster;
  session.slackFaults = answer.slack;
  tell('cluster');
}

export function startClusterFeed() {
  watch((part) => {
    if (part === 'moved') void refreshCluster();
    // Behind a new connection there may be a new server.
    if (part === 'connected') void readFaultKinds();
  });
}

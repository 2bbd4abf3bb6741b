// A DaemonSet that fits no node and no pod of the suites, so that no controller does anything for it.

export function idleDaemonSet(name: string): object {
  const labels = { app: name };
  const nodeSelector = { 'talos-chatops.dev/nowhere': name };
  const containers = [{ name: 'main', image: 'nobody' }];
  return {
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { nodeSelector, containers } },
    },
  };
}

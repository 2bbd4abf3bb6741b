// Whatever is wrong in a configuration file is told with its place and its reason, all of it at once.
import { describe, expect, it } from 'vitest';
import { beside, inCluster, JARGON, mistakesIn, text } from './a-configuration.ts';

/** Where, and what its reason must say. */
type Bad = readonly [name: string, file: string, place: string, reason: RegExp];

const BAD: readonly Bad[] = [
  ['an empty file', '', 'bot.yaml (file):', /expects keys with their values/],
  ['a file that is only a sentence', 'hello\n', 'bot.yaml (file):', /expects keys with their values/],
  ['a list instead of keys', text('- prod'), 'bot.yaml (file):', /expects keys with their values/],
  ['no clusters', text('poll: 1s'), 'bot.yaml clusters:', /expects names with their settings.*it is missing/],
  ['clusters without one', text('clusters: {}'), 'bot.yaml:1 clusters:', /expects at least one cluster/],
  [
    'clusters as a list',
    text('clusters:', '  - prod'),
    'bot.yaml:1 clusters:',
    /expects names with their settings.*a list was found/,
  ],
  [
    'etcd without a source',
    inCluster('etcd: {}'),
    'bot.yaml:5 clusters.prod.etcd.source:',
    /expects talos, or files with ca, crt and key \(it is missing\)/,
  ],
  [
    'etcd with a source nobody knows',
    inCluster('etcd: { source: vault }'),
    'bot.yaml:5 clusters.prod.etcd.source:',
    /expects talos, or files .*\("vault" was found\)/,
  ],
  [
    'etcd from files without a key',
    inCluster('etcd: { source: files, ca: a, crt: b }'),
    'bot.yaml:5 clusters.prod.etcd.key:',
    /expects a path \(it is missing\)/,
  ],
  [
    'etcd from the machines with a file',
    inCluster('etcd: { source: talos, key: c }'),
    'bot.yaml:5 clusters.prod.etcd.key:',
    /"key" is no setting/,
  ],
  [
    'a cluster without content',
    text('clusters:', '  prod:'),
    'bot.yaml:2 clusters.prod:',
    /expects keys with their values.*nothing is written there/,
  ],
  ['a tab for indentation', text('clusters:', '\tprod: {}'), 'bot.yaml:', /[Tt]abs.* line 2/],
  ['a bracket that is not closed', text('clusters: [', 'poll: 1s'), 'bot.yaml:', /line [23]/],
  ['a key written twice', beside('poll: 1s', 'poll: 2s'), 'bot.yaml:', /unique at line 6/],
  ['a key nobody knows', beside('colour: red'), 'bot.yaml:5 colour:', /"colour" is no setting/],
  [
    'a key nobody knows in a cluster',
    inCluster('chanel: C1'),
    'bot.yaml:5 clusters.prod.chanel:',
    /"chanel" is no setting/,
  ],
  [
    'a cluster named with capitals',
    text('clusters:', '  Prod: { channel: C012AB3CD, talos: { config: x } }'),
    'bot.yaml:2 clusters.Prod:',
    /lower-case letters/,
  ],
  [
    'no channel',
    text('clusters:', '  prod: { talos: { config: x } }'),
    'bot.yaml:2 clusters.prod.channel:',
    /Slack channel id such as C012AB3CD.*\(it is missing\)/,
  ],
  [
    'a channel by its name',
    text('clusters:', '  prod:', '    channel: "#platform"', '    talos: { config: x }'),
    'bot.yaml:3 clusters.prod.channel:',
    /Slack channel id such as .*\("#platform" was found\)/,
  ],
  [
    'one operator without a list',
    inCluster('operators: U012AB3CD'),
    'bot.yaml:5 clusters.prod.operators:',
    /expects a list, such as \[first, second\] \("U012AB3CD" was found\)/,
  ],
  [
    'an operator by name',
    inCluster('operators: [U012AB3CD, "@ada"]'),
    'bot.yaml:5 clusters.prod.operators.1:',
    /Slack user id such as/,
  ],
  [
    'a user group as approver',
    inCluster('approvers: [S012AB3CD]'),
    'bot.yaml:5 clusters.prod.approvers.0:',
    /Slack user id such as/,
  ],
  [
    'a port beyond all ports',
    text(
      'clusters:',
      '  prod:',
      '    channel: C012AB3CD',
      '    talos:',
      '      port: 70000',
      '      config: x',
    ),
    'bot.yaml:5 clusters.prod.talos.port:',
    /65535/,
  ],
  [
    'a Kubernetes server that is no URL',
    inCluster('kubernetes:', '  server: 10.0.0.1'),
    'bot.yaml:6 clusters.prod.kubernetes.server:',
    /URL/,
  ],
  [
    'an Image Factory with https://',
    inCluster('factory: https://factory.talos.dev'),
    'bot.yaml:5 clusters.prod.factory:',
    /without https/,
  ],
  [
    'no approval needed',
    inCluster('policy:', '  approvals: 0'),
    'bot.yaml:6 clusters.prod.policy.approvals:',
    /expects at least 1 \(0 was found\)/,
  ],
  [
    'half an approval',
    inCluster('policy:', '  approvals: 1.5'),
    'bot.yaml:6 clusters.prod.policy.approvals:',
    /expects a whole number \(1.5 was found\)/,
  ],
  [
    'a self-approval nobody knows',
    inCluster('policy:', '  selfApproval: yes'),
    'bot.yaml:6 clusters.prod.policy.selfApproval:',
    /expects refused or allowed \("yes" was found\)/,
  ],
  [
    'a start nobody knows',
    inCluster('policy:', '  start: now'),
    'bot.yaml:6 clusters.prod.policy.start:',
    /expects ask or at-once \("now" was found\)/,
  ],
  [
    'too many workers at a time',
    inCluster('policy:', '  parallelWorkers: 21'),
    'bot.yaml:6 clusters.prod.policy.parallelWorkers:',
    /expects at most 20 \(21 was found\)/,
  ],
  [
    'a duration without a unit',
    inCluster('policy:', '  gateExpiry: "8"'),
    'bot.yaml:6 clusters.prod.policy.gateExpiry:',
    /duration such as 90s, 15m or 4h/,
  ],
  [
    'a duration in words',
    inCluster('limits:', '  drain: ten minutes'),
    'bot.yaml:6 clusters.prod.limits.drain:',
    /duration such as 90s, 15m or 4h/,
  ],
  [
    'a duration below nothing',
    inCluster('limits:', '  reboot: -5m'),
    'bot.yaml:6 clusters.prod.limits.reboot:',
    /duration such as 90s, 15m or 4h/,
  ],
  [
    'a limit nobody knows',
    inCluster('limits:', '  coffee: 5m'),
    'bot.yaml:6 clusters.prod.limits.coffee:',
    /"coffee" is no setting/,
  ],
  [
    'more approvals than approvers',
    inCluster('approvers: [U012AB3CD]', 'policy:', '  approvals: 2'),
    'bot.yaml:7 clusters.prod.policy.approvals:',
    /at most 1 of the approvers can give one/,
  ],
  [
    'an approver who is always the requester',
    inCluster('operators: [U012AB3CD]', 'approvers: [U012AB3CD, U045EF6GH]', 'policy:', '  approvals: 2'),
    'bot.yaml:8 clusters.prod.policy.approvals:',
    /at most 1 of the approvers can give one/,
  ],
  [
    'a prefix with spaces',
    beside('redis:', '  prefix: my bot'),
    'bot.yaml:6 redis.prefix:',
    /letters, digits/,
  ],
  [
    'the address of Redis in the file',
    beside('redis:', '  url: x'),
    'bot.yaml:6 redis.url:',
    /"url" is no setting/,
  ],
  [
    'the only operator as the only approver of two approvals',
    inCluster('operators: [U012AB3CD]', 'approvers: [U012AB3CD]', 'policy:', '  approvals: 2'),
    'bot.yaml:8 clusters.prod.policy.approvals:',
    /none of the approvers can give one/,
  ],
  ['a poll without a pause', beside('poll: 0s'), 'bot.yaml:5 poll:', /at least 10ms/],
  [
    'an empty path',
    inCluster('kubernetes: { kubeconfig: "" }'),
    'bot.yaml:5 clusters.prod.kubernetes.kubeconfig:',
    /expects a path/,
  ],
  [
    'a poll as a bare number',
    beside('poll: 1'),
    'bot.yaml:5 poll:',
    /expects a duration such as .* \(1 was found\)/,
  ],
  [
    'a cluster without a talosconfig',
    text('clusters:', '  prod: { channel: C012AB3CD }'),
    'bot.yaml clusters.prod.talos.config:',
    /path of a talosconfig, or TALOSCONFIG/,
  ],
];

describe('a mistake in the file', () => {
  it.each(BAD)('is told with its place and its reason: %s', (_, file, place, reason) => {
    const mistakes = mistakesIn(file);
    expect(mistakes).toHaveLength(1);
    const [mistake = ''] = mistakes;
    expect(mistake.startsWith(place), mistake).toBe(true);
    expect(mistake.slice(place.length)).toMatch(reason);
    expect(mistake).not.toMatch(JARGON);
  });

  it('is told together with all others, those of the environment included', () => {
    const file = inCluster(
      'operators: [bob]',
      'approvers: [eve]',
      'policy: { approvals: 0 }',
      'limits: { pull: x }',
    );
    const places = mistakesIn(file, {}).map((mistake) => mistake.split(': ')[0]);
    expect(places).toEqual([
      'bot.yaml:5 clusters.prod.operators.0',
      'bot.yaml:6 clusters.prod.approvers.0',
      'bot.yaml:7 clusters.prod.policy.approvals',
      'bot.yaml:8 clusters.prod.limits.pull',
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN',
      'REDIS_URL',
    ]);
  });

  it('of one cluster does not hide those of another', () => {
    const file = text('clusters:', '  a: { channel: x }', '  b: { channel: y }');
    expect(mistakesIn(file).map((mistake) => mistake.split(': ')[0])).toEqual([
      'bot.yaml:2 clusters.a.channel',
      'bot.yaml:3 clusters.b.channel',
      'bot.yaml clusters.a.talos.config',
      'bot.yaml clusters.b.talos.config',
    ]);
  });
});

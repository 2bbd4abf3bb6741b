// Every command in one table: the parser, the help text and the check of manifest.yml all read it.

export type CommandName =
  | 'help'
  | 'status'
  | 'why'
  | 'check'
  | 'plan'
  | 'path'
  | 'upgrade'
  | 'rollback'
  | 'finish'
  | 'disarm'
  | 'override'
  | 'pause'
  | 'resume'
  | 'continue'
  | 'retry'
  | 'skip'
  | 'abort'
  | 'handover'
  | 'doctor';

/** Commands that press a running rollout's buttons. */
export type Steering = Extract<CommandName, 'pause' | 'resume' | 'continue' | 'retry' | 'skip' | 'abort'>;
const STEERINGS: readonly Steering[] = ['pause', 'resume', 'continue', 'retry', 'skip', 'abort'];

/** What follows the command's name. `cluster` is always optional: it may follow from the channel. */
export type Takes =
  | 'topic'
  | 'cluster'
  | 'cluster-version'
  | 'cluster-path'
  | 'cluster-node'
  | 'cluster-person'
  | 'cluster-reason';

export interface CommandSpec {
  readonly name: CommandName;
  readonly takes: Takes;
  readonly who: 'anybody' | 'operators' | 'approvers';
  readonly summary: string;
  /** More for `/talos help <command>`. */
  readonly details: string;
  /** Words people try instead; they are never accepted, only answered with this command. */
  readonly meant: readonly string[];
}

export const SLASH = '/talos';

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'help',
    takes: 'topic',
    who: 'anybody',
    summary: 'Shows these commands, or one of them in detail.',
    details: 'Name a command to read more about it.',
    meant: ['usage', 'commands', 'man'],
  },
  {
    name: 'status',
    takes: 'cluster',
    who: 'anybody',
    summary: 'Shows what is running, and the last result, from the journal.',
    details:
      'Without a cluster it shows the one of this channel, or all of them. It asks no cluster anything.',
    meant: ['state', 'show', 'info', 'list'],
  },
  {
    name: 'why',
    takes: 'cluster',
    who: 'anybody',
    summary: 'Says what is being waited for, and who or what can end the waiting.',
    details:
      'People by the journal; machines are asked: how long the step in hand has taken, how long it usually takes here, and the end of the logs.',
    meant: ['stuck', 'waiting', 'hung', 'explain'],
  },
  {
    name: 'check',
    takes: 'cluster',
    who: 'anybody',
    summary: 'Shows how a cluster is, privately, and changes nothing.',
    details:
      'A worker looks at the cluster and answers with everything it found, worst first, by the same checks that a plan asks. What depends on a version is named and left to the plan. It answers also when Kubernetes does not.',
    meant: ['health', 'healthcheck', 'preflight', 'pre-flight', 'inspect'],
  },
  {
    name: 'plan',
    takes: 'cluster-version',
    who: 'anybody',
    summary: 'Shows what an upgrade would do, privately, and changes nothing.',
    details:
      'A worker looks at the cluster and answers with the ordered plan and every finding. It takes the same options as an upgrade.',
    meant: ['preview', 'dry-run', 'dryrun', 'diff'],
  },
  {
    name: 'path',
    takes: 'cluster-path',
    who: 'anybody',
    summary: 'Shows the way over several versions, hop by hop, privately, and changes nothing.',
    details:
      'Talos goes one minor at a time, Kubernetes too, and only through versions that support each other. A minor such as 1.14 means its latest patch; without any version it is the way to the newest Talos. Each hop is an upgrade of its own.',
    meant: ['versions', 'version', 'releases', 'route', 'journey', 'compatibility'],
  },
  {
    name: 'upgrade',
    takes: 'cluster-version',
    who: 'operators',
    summary: 'Proposes an upgrade of Talos; nothing starts before people agree.',
    details:
      'Unless the policy says otherwise workers go first, one at a time; then the control plane, each node after an approval in the thread; the etcd leader goes last. Extensions are kept unless you say otherwise: --extensions +iscsi-tools,-gvisor adds and removes, --schematic takes one of the Image Factory by its id. With the version that already runs, only the extensions change. --stage installs everywhere first, without a restart, and asks before each restart, of workers too. --reboot-mode default, powercycle or force says how nodes restart; force restarts without stopping anything first.',
    meant: ['update', 'install', 'bump', 'deploy'],
  },
  {
    name: 'rollback',
    takes: 'cluster-node',
    who: 'operators',
    summary: 'Proposes to bring one node back to the version it ran before.',
    details: 'The word "node" before the name may be left out. A control-plane node waits for an approval.',
    meant: ['downgrade', 'revert', 'undo', 'restore'],
  },
  {
    name: 'finish',
    takes: 'cluster-node',
    who: 'operators',
    summary: 'Proposes to restart an armed node, so that it boots what was installed on it.',
    details:
      'A node is armed when a rollout installed on it and ended before its restart: any restart boots the new version. Nothing is installed again. A control-plane node waits for an approval.',
    meant: ['complete', 'reboot', 'restart'],
  },
  {
    name: 'disarm',
    takes: 'cluster-node',
    who: 'operators',
    summary: 'Proposes to take back what was installed on an armed node; that takes a restart, too.',
    details:
      'The node restarts into the version it already runs, and what was installed stays unused. Not possible while nobody knows how its installation ended. A control-plane node waits for an approval.',
    meant: ['unarm', 'uninstall', 'unstage'],
  },
  {
    name: 'override',
    takes: 'cluster-reason',
    who: 'approvers',
    summary: 'Lets a proposed plan be started in spite of what a check found; needs a reason.',
    details:
      'Name the check as the plan names it, or several with commas between them. Nobody overrides for their own rollout unless the policy allows it. What guards a promise, such as quorum, cannot be overridden. It holds for this plan alone: the next one asks again.',
    meant: ['accept', 'waive', 'overrule', 'force'],
  },
  {
    name: 'pause',
    takes: 'cluster',
    who: 'operators',
    summary: 'Finishes the step in hand, then waits.',
    details:
      'Nothing is interrupted; nothing new starts until somebody resumes. If the step in hand fails, it stays paused after Retry or Skip as well.',
    meant: ['wait', 'hold', 'halt'],
  },
  {
    name: 'resume',
    takes: 'cluster',
    who: 'operators',
    summary: 'Goes on after a pause.',
    details: 'A gate that was open when it was paused is proved again and gets a new card.',
    meant: ['unpause', 'go'],
  },
  {
    name: 'continue',
    takes: 'cluster',
    who: 'operators',
    summary: 'While a rollout soaks: ends the waiting now.',
    details:
      'A soak is the time for which what was upgraded is watched. What must hold at its end must hold all the same before it goes on.',
    meant: ['proceed', 'hurry'],
  },
  {
    name: 'retry',
    takes: 'cluster',
    who: 'operators',
    summary: 'When a rollout is held: does the failed step again.',
    details: 'A call whose fate nobody knows is sent again only once its first copy can no longer arrive.',
    meant: ['again', 'repeat', 'redo'],
  },
  {
    name: 'skip',
    takes: 'cluster',
    who: 'operators',
    summary:
      'When a rollout is held: leaves that node behind, or does without what failed. The answer says which.',
    details: 'Refused for a control-plane node that was already changed, and while a call is in doubt.',
    meant: ['ignore', 'leave'],
  },
  {
    name: 'abort',
    takes: 'cluster',
    who: 'operators',
    summary: 'Finishes the step in hand, puts back what was changed, and ends.',
    details: 'Nodes that are done stay on their new version.',
    meant: ['cancel', 'stop', 'kill', 'end', 'quit'],
  },
  {
    name: 'handover',
    takes: 'cluster-person',
    who: 'operators',
    summary:
      'Hands what runs over to somebody, with a summary in the thread; without a name you take it over.',
    details:
      'From then on that person is called when somebody has to decide. Who asked for it stays the same, also for who may approve it. Only an operator of the cluster can take it.',
    meant: ['handoff', 'hand-over', 'hand-off', 'transfer', 'assign', 'takeover'],
  },
  {
    name: 'doctor',
    takes: 'cluster',
    who: 'anybody',
    summary: 'Shows what set-up lacks, privately, and changes nothing.',
    details:
      'It asks Slack for our scopes and whether we may write in the channel, Redis how it keeps things, and a worker for our certificate and role, rights in Kubernetes, the archive and the release lists. Each line says what to do. No secret is shown.',
    meant: ['diagnose', 'setup', 'debug', 'verify', 'config'],
  },
];

const ARGUMENTS: Readonly<Record<Takes, string>> = {
  topic: '[command]',
  cluster: '[cluster]',
  'cluster-version':
    '[cluster] <version> [--extensions +name,-name | --schematic <id>] [--stage] [--reboot-mode <mode>]',
  'cluster-path': '[cluster] [<version>] [kubernetes <version>]',
  'cluster-node': '[cluster] [node] <name>',
  'cluster-person': '[cluster] [@person]',
  'cluster-reason': '[cluster] <check> because <reason>',
};

/** `/talos upgrade [cluster] <version>`. */
export function usageOf(spec: CommandSpec): string {
  return `${SLASH} ${spec.name} ${ARGUMENTS[spec.takes]}`;
}

/** The same with its options only counted, for a list in which they would hide the rest. */
export function briefUsageOf(spec: CommandSpec): string {
  return usageOf(spec).replace(/ \[--.*$/, ' [options]');
}

/** The text Slack shows beside the command while one types; manifest.yml holds the same. */
export const USAGE_HINT = COMMANDS.map((spec) => spec.name).join(' | ');

export function specOf(name: string): CommandSpec | null {
  return COMMANDS.find((spec) => spec.name === name) ?? null;
}

export function steeringOf(name: string): Steering | null {
  return STEERINGS.find((steering) => steering === name) ?? null;
}

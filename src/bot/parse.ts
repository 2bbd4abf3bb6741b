// Reads a typed command by the table: a command that can be carried out, or one sentence with the nearest correct example.
import type { PathTarget } from '../cluster/path.ts';
import type { RebootMode } from '../cluster/reboot-mode.ts';
import type { SchematicWish } from '../cluster/schematic.ts';
import { type Refusal, refuse } from '../rollout/intent.ts';
import {
  COMMANDS,
  type CommandName,
  type CommandSpec,
  SLASH,
  type Steering,
  specOf,
  steeringOf,
} from './command-table.ts';
import { takeManner } from './manner-options.ts';
import { nearest } from './nearest.ts';
import { type Trouble, takeOptions } from './options.ts';
import { isCheckWord, OVERRIDE_EXAMPLE, type Overriding, splitReason, takeChecks } from './override-words.ts';
import { isPathWord, PATH_EXAMPLE, takePath } from './path-words.ts';
import { listed, quoted } from './quoting.ts';
import { wordsOf } from './typed.ts';
import { EXAMPLE_VERSION, readVersion, VERSION_LIKE, versionNear } from './typed-version.ts';

export type Command =
  | { readonly kind: 'help'; readonly topic: CommandName | null }
  /** Null: all clusters. */
  | { readonly kind: 'status' | 'doctor'; readonly cluster: string | null }
  | ({ readonly kind: 'plan' } & Target)
  | ({ readonly kind: 'upgrade' } & Target)
  | { readonly kind: 'path'; readonly cluster: string; readonly target: PathTarget }
  | { readonly kind: 'rollback'; readonly cluster: string; readonly node: string }
  | ({ readonly cluster: string } & Overriding)
  | { readonly kind: 'steer'; readonly steering: Steering; readonly cluster: string };

/** What a cluster shall run. */
export interface Target {
  readonly cluster: string;
  readonly version: string;
  /** Absent: every machine keeps its schematic. */
  readonly schematic?: SchematicWish;
  /** Absent: node by node, in one go. */
  readonly staged?: true;
  /** Absent: as the cluster's policy says. */
  readonly rebootMode?: RebootMode;
}

export interface Around {
  readonly clusters: readonly { readonly name: string; readonly channel: string }[];
  /** Where the command was typed. */
  readonly channel: string;
}

/** Shown when nothing a person typed suggests a better example. */
const EXAMPLE_NODE = 'cp-2';

/** Kubernetes node names: RFC 1123 subdomains. */
const NODE_NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Pure. Whatever was typed, the answer is a command or a refusal with an example that would be accepted. */
export function parse(text: string, around: Around): Command | Refusal {
  const [first, ...rest] = wordsOf(text);
  if (first === undefined) return { kind: 'help', topic: null };
  const spec = specOf(first.toLowerCase());
  if (spec === null) return unknownCommand(first, rest, around);
  switch (spec.takes) {
    case 'topic':
      return help(rest);
    case 'cluster':
      return onCluster(spec, rest, around);
    case 'cluster-version':
      return withVersion(spec, rest, around);
    case 'cluster-path':
      return withPath(spec, rest, around);
    case 'cluster-node':
      return withNode(spec, rest, around);
    case 'cluster-reason':
      return withReason(spec, text, around);
  }
}

function unknownCommand(typed: string, rest: readonly string[], around: Around): Refusal {
  const meant = commandMeant(typed);
  const example =
    meant === null
      ? `${SLASH} help`
      : rest.length === 0
        ? exampleOf(meant, around)
        : corrected(meant, rest, around);
  return refuse('bad-input', `There is no command ${quoted(typed)}. Try \`${example}\`.`);
}

function commandMeant(typed: string): CommandSpec | null {
  const word = typed.toLowerCase();
  const alias = COMMANDS.find((spec) => spec.meant.includes(word));
  const near = nearest(
    word,
    COMMANDS.map((spec) => spec.name),
  );
  return alias ?? (near === null ? null : specOf(near));
}

/** The rest of the line kept as it was typed, when that makes a command; else the plain example. */
function corrected(spec: CommandSpec, rest: readonly string[], around: Around): string {
  const line = [spec.name, ...rest].join(' ');
  const read = parse(line, around);
  return read.kind === 'refusal' ? exampleOf(spec, around) : `${SLASH} ${line}`;
}

function help(rest: readonly string[]): Command | Refusal {
  const [topic, ...more] = rest;
  if (topic === undefined) return { kind: 'help', topic: null };
  const spec = specOf(topic.toLowerCase().replace(/^\/talos$/, 'help'));
  if (spec === null) {
    const meant = commandMeant(topic);
    return refuse(
      'bad-input',
      `There is no command ${quoted(topic)}. Try \`${SLASH} help${meant === null ? '' : ` ${meant.name}`}\`.`,
    );
  }
  if (more.length > 0) return tooMuch(more, `${SLASH} help ${spec.name}`);
  return { kind: 'help', topic: spec.name };
}

function onCluster(spec: CommandSpec, rest: readonly string[], around: Around): Command | Refusal {
  const [typed, ...more] = rest;
  const cluster = typed === undefined ? impliedCluster(around) : knownCluster(typed, around);
  if (typed !== undefined && cluster === null) return unknownCluster(typed, spec, around);
  if (more.length > 0) return tooMuch(more, `${SLASH} ${spec.name} ${cluster}`);
  const steering = steeringOf(spec.name);
  if (steering === null) return { kind: spec.name === 'doctor' ? 'doctor' : 'status', cluster };
  return cluster === null ? whichCluster(spec, around) : { kind: 'steer', steering, cluster };
}

function withVersion(spec: CommandSpec, words: readonly string[], around: Around): Command | Refusal {
  const manner = takeManner(words);
  if (manner.kind === 'trouble') return badOption(manner, spec, around);
  const options = takeOptions(manner.rest);
  if (options.kind === 'trouble') return badOption(options, spec, around);
  const { rest, wish } = options;
  const { staged, rebootMode } = manner;
  const named = takeCluster(spec, rest, around, (word) => VERSION_LIKE.test(word));
  if ('kind' in named) return named;
  const [typed, ...more] = named.rest;
  const start = `${SLASH} ${spec.name} ${named.cluster}`;
  if (typed === undefined) {
    return refuse('bad-input', `Say to which version. Try \`${start} ${EXAMPLE_VERSION}\`.`);
  }
  const version = readVersion(typed);
  if (version === null) {
    return refuse(
      'bad-input',
      `${quoted(typed)} is not a full Talos version. Try \`${start} ${versionNear(typed)}\`.`,
    );
  }
  if (more.length > 0) return tooMuch(more, `${start} ${version}`);
  const kind = spec.name === 'plan' ? 'plan' : 'upgrade';
  return {
    ...{ kind, cluster: named.cluster, version },
    ...(wish === null ? {} : { schematic: wish }),
    ...(staged ? { staged } : {}),
    ...(rebootMode === null ? {} : { rebootMode }),
  };
}

function badOption({ sentence, example }: Trouble, spec: CommandSpec, around: Around): Refusal {
  return refuse('bad-input', `${sentence} Try \`${exampleOf(spec, around)} ${example}\`.`);
}

function withPath(spec: CommandSpec, words: readonly string[], around: Around): Command | Refusal {
  const named = takeCluster(spec, words, around, isPathWord);
  if ('kind' in named) return named;
  const read = takePath(named.rest);
  if (read.kind === 'trouble') return badWords(read, spec, named.cluster);
  return { kind: 'path', cluster: named.cluster, target: read.target };
}

function badWords({ sentence, example }: Trouble, spec: CommandSpec, cluster: string): Refusal {
  return refuse('bad-input', `${sentence} Try \`${SLASH} ${spec.name} ${cluster} ${example}\`.`);
}

function withReason(spec: CommandSpec, text: string, around: Around): Command | Refusal {
  const { words, reason } = splitReason(text);
  const named = takeCluster(spec, words.slice(1), around, isCheckWord);
  if ('kind' in named) return named;
  const read = takeChecks(named.rest, reason);
  return read.kind === 'override' ? { ...read, cluster: named.cluster } : badWords(read, spec, named.cluster);
}

function withNode(spec: CommandSpec, rest: readonly string[], around: Around): Command | Refusal {
  // Of two words one may be a cluster nobody knows: names of nodes have a digit more often than names of clusters.
  const isNode = (word: string): boolean =>
    word.toLowerCase() === 'node' || rest.length === 1 || /\d/.test(word);
  const named = takeCluster(spec, rest, around, isNode);
  if ('kind' in named) return named;
  const words = named.rest[0]?.toLowerCase() === 'node' ? named.rest.slice(1) : named.rest;
  const [typed, ...more] = words;
  const start = `${SLASH} ${spec.name} ${named.cluster} node`;
  if (typed === undefined) return refuse('bad-input', `Say which node. Try \`${start} ${EXAMPLE_NODE}\`.`);
  const node = typed.toLowerCase();
  if (!NODE_NAME.test(node)) {
    return refuse(
      'unknown-node',
      `${quoted(typed)} cannot be a node's name. Try \`${start} ${EXAMPLE_NODE}\`.`,
    );
  }
  if (more.length > 0) return tooMuch(more, `${start} ${node}`);
  return { kind: 'rollback', cluster: named.cluster, node };
}

interface Named {
  readonly cluster: string;
  readonly rest: readonly string[];
}

/** Splits off the cluster; `isArgument` says whether a word is already what comes after it. */
function takeCluster(
  spec: CommandSpec,
  rest: readonly string[],
  around: Around,
  isArgument: (word: string) => boolean,
): Named | Refusal {
  const [first] = rest;
  const known = first === undefined ? null : knownCluster(first, around);
  if (known !== null) return { cluster: known, rest: rest.slice(1) };
  const implied = impliedCluster(around);
  if (first !== undefined && !isArgument(first)) {
    const meant = nearest(
      first,
      around.clusters.map((cluster) => cluster.name),
    );
    const second = rest[1];
    if (meant !== null || implied === null || (second !== undefined && isArgument(second))) {
      return unknownCluster(first, spec, around, rest.slice(1));
    }
  }
  return implied === null ? whichCluster(spec, around, rest) : { cluster: implied, rest };
}

function knownCluster(typed: string, around: Around): string | null {
  return around.clusters.find((cluster) => cluster.name.toLowerCase() === typed.toLowerCase())?.name ?? null;
}

/** The only cluster there is, or the only one of this channel. */
function impliedCluster(around: Around): string | null {
  const [only, second] = around.clusters;
  if (only !== undefined && second === undefined) return only.name;
  const here = around.clusters.filter((cluster) => cluster.channel === around.channel);
  return here.length === 1 ? (here[0]?.name ?? null) : null;
}

function unknownCluster(
  typed: string,
  spec: CommandSpec,
  around: Around,
  rest: readonly string[] = [],
): Refusal {
  const names = around.clusters.map((cluster) => cluster.name);
  const meant = nearest(typed, names) ?? impliedCluster(around) ?? names[0] ?? 'prod';
  const known = names.length === 0 ? 'none is configured' : `there is ${listed(names)}`;
  return refuse(
    'unknown-cluster',
    `No cluster is called ${quoted(typed)}: ${known}. Try \`${withCluster(spec, meant, rest, around)}\`.`,
  );
}

function whichCluster(spec: CommandSpec, around: Around, rest: readonly string[] = []): Refusal {
  const names = around.clusters.map((cluster) => cluster.name);
  const example = withCluster(spec, names[0] ?? 'prod', rest, around);
  return refuse('unknown-cluster', `Say which cluster: ${listed(names)}. Try \`${example}\`.`);
}

function withCluster(spec: CommandSpec, cluster: string, rest: readonly string[], around: Around): string {
  const line = [spec.name, cluster, ...rest].join(' ');
  const only = { clusters: around.clusters.filter(({ name }) => name === cluster), channel: around.channel };
  if (only.clusters.length === 0) return exampleOf(spec, only);
  return parse(line, only).kind === 'refusal' ? exampleOf(spec, only) : `${SLASH} ${line}`;
}

/** A correct line for this command in this place. */
export function exampleOf(spec: CommandSpec, around: Around): string {
  const cluster = impliedCluster(around) ?? around.clusters[0]?.name ?? 'prod';
  switch (spec.takes) {
    case 'topic':
      return `${SLASH} ${spec.name}`;
    case 'cluster':
      return `${SLASH} ${spec.name} ${cluster}`;
    case 'cluster-version':
      return `${SLASH} ${spec.name} ${cluster} ${EXAMPLE_VERSION}`;
    case 'cluster-path':
      return `${SLASH} ${spec.name} ${cluster} ${PATH_EXAMPLE}`;
    case 'cluster-node':
      return `${SLASH} ${spec.name} ${cluster} node ${EXAMPLE_NODE}`;
    case 'cluster-reason':
      return `${SLASH} ${spec.name} ${cluster} ${OVERRIDE_EXAMPLE}`;
  }
}

function tooMuch(more: readonly string[], example: string): Refusal {
  return refuse('bad-input', `I do not know what to do with ${quoted(more.join(' '))}. Try \`${example}\`.`);
}

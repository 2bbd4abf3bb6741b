// Reads a typed command by the table: a command that can be carried out, or one sentence with the nearest correct example.
import { type Refusal, refuse } from '../rollout/intent.ts';
import { type Around, impliedCluster, knownCluster, namesIn, takeCluster } from './cluster-words.ts';
import type { Command } from './command.ts';
import { EXAMPLE_NODE, exampleOf } from './command-example.ts';
import { COMMANDS, type CommandSpec, SLASH, specOf, steeringOf } from './command-table.ts';
import { takeManner } from './manner-options.ts';
import { nearest } from './nearest.ts';
import { type Trouble, takeOptions } from './options.ts';
import { isCheckWord, splitReason, takeChecks } from './override-words.ts';
import { isPathWord, takePath } from './path-words.ts';
import { idsOnly, isPersonWord, takePerson } from './person-words.ts';
import { listed, quoted } from './quoting.ts';
import { wordsOf } from './typed.ts';
import { EXAMPLE_VERSION, readVersion, VERSION_LIKE, versionNear } from './typed-version.ts';

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
    case 'cluster-person':
      return withPerson(spec, wordsOf(idsOnly(text)).slice(1), around);
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
  if (steering === null && spec.name !== 'check' && spec.name !== 'why')
    return { kind: spec.name === 'doctor' ? 'doctor' : 'status', cluster };
  if (cluster === null) return whichCluster(spec, around);
  if (spec.name === 'why') return { kind: 'why', cluster };
  return steering === null ? { kind: 'check', cluster } : { kind: 'steer', steering, cluster };
}

function withVersion(spec: CommandSpec, words: readonly string[], around: Around): Command | Refusal {
  const manner = takeManner(words);
  if (manner.kind === 'trouble') return badOption(manner, spec, around);
  const options = takeOptions(manner.rest);
  if (options.kind === 'trouble') return badOption(options, spec, around);
  const { rest, wish } = options;
  const { staged, rebootMode } = manner;
  const named = chooseCluster(spec, rest, around, (word) => VERSION_LIKE.test(word));
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
  const named = chooseCluster(spec, words, around, isPathWord);
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
  const named = chooseCluster(spec, words.slice(1), around, isCheckWord);
  if ('kind' in named) return named;
  const read = takeChecks(named.rest, reason);
  return read.kind === 'override' ? { ...read, cluster: named.cluster } : badWords(read, spec, named.cluster);
}

function withPerson(spec: CommandSpec, rest: readonly string[], around: Around): Command | Refusal {
  const named = chooseCluster(spec, rest, around, isPersonWord);
  if ('kind' in named) return named;
  const read = takePerson(named.rest);
  if (read.kind === 'person') return { kind: 'hand-over', cluster: named.cluster, to: read.user };
  const sentence = `I do not know ${quoted(read.typed)}: choose one person from the list Slack shows after @.`;
  return refuse('bad-input', `${sentence} Try \`${exampleOf(spec, around)}\` to take it over yourself.`);
}

function withNode(spec: CommandSpec, rest: readonly string[], around: Around): Command | Refusal {
  // Of two words one may be a cluster nobody knows: names of nodes have a digit more often than names of clusters.
  const isNode = (word: string): boolean =>
    word.toLowerCase() === 'node' || rest.length === 1 || /\d/.test(word);
  const named = chooseCluster(spec, rest, around, isNode);
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
  const kind = spec.name === 'finish' || spec.name === 'disarm' ? spec.name : 'rollback';
  return { kind, cluster: named.cluster, node };
}

interface Named {
  readonly cluster: string;
  readonly rest: readonly string[];
}

function chooseCluster(
  spec: CommandSpec,
  words: readonly string[],
  around: Around,
  isArgument: (word: string) => boolean,
): Named | Refusal {
  const chosen = takeCluster(words, around, isArgument);
  switch (chosen.kind) {
    case 'chosen':
      return { cluster: chosen.cluster, rest: chosen.rest };
    case 'unknown':
      return unknownCluster(chosen.typed, spec, around, chosen.rest);
    case 'unsaid':
      return whichCluster(spec, around, chosen.rest);
  }
}

function unknownCluster(
  typed: string,
  spec: CommandSpec,
  around: Around,
  rest: readonly string[] = [],
): Refusal {
  const names = namesIn(around);
  const meant = nearest(typed, names) ?? impliedCluster(around) ?? names[0] ?? 'prod';
  const known = names.length === 0 ? 'none is configured' : `there is ${listed(names)}`;
  return refuse(
    'unknown-cluster',
    `No cluster is called ${quoted(typed)}: ${known}. Try \`${withCluster(spec, meant, rest, around)}\`.`,
  );
}

function whichCluster(spec: CommandSpec, around: Around, rest: readonly string[] = []): Refusal {
  const names = namesIn(around);
  const example = withCluster(spec, names[0] ?? 'prod', rest, around);
  return refuse('unknown-cluster', `Say which cluster: ${listed(names)}. Try \`${example}\`.`);
}

function withCluster(spec: CommandSpec, cluster: string, rest: readonly string[], around: Around): string {
  const line = [spec.name, cluster, ...rest].join(' ');
  const only = { clusters: around.clusters.filter(({ name }) => name === cluster), channel: around.channel };
  if (only.clusters.length === 0) return exampleOf(spec, only);
  return parse(line, only).kind === 'refusal' ? exampleOf(spec, only) : `${SLASH} ${line}`;
}

function tooMuch(more: readonly string[], example: string): Refusal {
  return refuse('bad-input', `I do not know what to do with ${quoted(more.join(' '))}. Try \`${example}\`.`);
}

// A correct line for each command, as it would be typed in this place.
import { type Around, impliedCluster } from './cluster-words.ts';
import { type CommandSpec, SLASH } from './command-table.ts';
import { OVERRIDE_EXAMPLE } from './override-words.ts';
import { PATH_EXAMPLE } from './path-words.ts';
import { EXAMPLE_VERSION } from './typed-version.ts';

/** Shown when nothing a person typed suggests a better example. */
export const EXAMPLE_NODE = 'cp-2';

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
    case 'cluster-person':
      return `${SLASH} ${spec.name} ${cluster}`;
    case 'cluster-reason':
      return `${SLASH} ${spec.name} ${cluster} ${OVERRIDE_EXAMPLE}`;
  }
}

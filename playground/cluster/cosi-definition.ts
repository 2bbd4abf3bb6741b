/** The definitions of the resource types themselves, through which `talosctl get` resolves names and aliases. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { stringify } from 'yaml';
import { since } from '../world/compatibility.ts';
import type { CosiItem, CosiKind } from './cosi-kind.ts';

export const DEFINITIONS = 'ResourceDefinitions.meta.cosi.dev';

/** The kind whose items describe all kinds a machine of this version has, itself included. */
export function definitionKind(kinds: readonly CosiKind[]): CosiKind {
  const own: CosiKind = {
    type: DEFINITIONS,
    namespace: 'meta',
    aliases: ['api-resources'],
    columns: [['Aliases', '{.aliases[:]}']],
    items: ({ machine }) =>
      [own, ...kinds]
        .filter((kind) => kind.since === undefined || since(machine.version, kind.since))
        .map((kind) => definition(kind, kind.sensitive?.(machine.version) === true)),
  };
  return own;
}

function singular(plural: string): string {
  if (plural.endsWith('ies')) return `${plural.slice(0, -3)}y`;
  if (plural.endsWith('sses') || plural.endsWith('uses')) return plural.slice(0, -2);
  return plural.replace(/s$/, '');
}

function definition(kind: CosiKind, sensitive: boolean): CosiItem {
  const [name = '', ...suffix] = kind.type.split('.');
  const lower = name.toLowerCase();
  const capitals = name.replace(/[^A-Z]/g, '').toLowerCase();
  const short = capitals.length < 2 ? [] : capitals.endsWith('s') ? [capitals] : [capitals, `${capitals}s`];
  const displayType = singular(name);
  const aliases = [...(kind.aliases ?? []), displayType.toLowerCase(), ...short];
  const dotted = suffix.slice(0, -1).map((_, index) => [lower, ...suffix.slice(0, index + 1)].join('.'));
  const allAliases = [lower, ...dotted, ...aliases];
  const columns = (kind.columns ?? []).map(([column, jsonPath]) => ({ name: column, jsonPath }));
  const yaml = stringify({
    type: kind.type,
    displayType,
    defaultNamespace: kind.namespace,
    aliases,
    allAliases,
    printColumns: columns,
    ...(sensitive ? { sensitivity: 'sensitive' } : {}),
  });
  // cosi.resource.meta.ResourceDefinitionSpec, written by hand: the product never reads it.
  const writer = new BinaryWriter();
  const text = (field: number, value: string): void => void writer.tag(field, 2).string(value);
  text(1, kind.type);
  text(2, displayType);
  text(3, kind.namespace);
  for (const alias of aliases) text(4, alias);
  for (const alias of allAliases) text(5, alias);
  for (const column of columns) {
    writer.tag(6, 2).fork().tag(1, 2).string(column.name).tag(2, 2).string(column.jsonPath).join();
  }
  if (sensitive) writer.tag(7, 0).int32(1);
  return { id: kind.type.toLowerCase(), proto: writer.finish(), yaml };
}

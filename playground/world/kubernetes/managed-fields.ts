// Who wrote which fields of a Node last, as far as somebody reads it: the mark of a cordon, and its annotations one by one.
import type { ManagedFields, NodeObject } from './objects.ts';

type Fields = Readonly<Record<string, object>>;

/** The node with what a write changed put down to its writer, and to nobody else any more. */
export function withManager(after: NodeObject, before: NodeObject, manager: string): NodeObject {
  const changed = changesOf(after, before);
  if (changed.length === 0) return after;
  const owners = new Map(ownersOf(before));
  for (const field of changed) owners.set(field, manager);
  const fields = new Set(fieldsOf(after));
  const byManager = Map.groupBy(
    [...owners].filter(([field]) => fields.has(field)),
    ([, owner]) => owner,
  );
  const managedFields = [...byManager].map(([owner, owned]) =>
    entryOf(owner, new Set(owned.map(([field]) => field))),
  );
  return { ...after, metadata: { ...after.metadata, managedFields } };
}

/** As `spec.unschedulable`; an annotation by its key alone. */
const CORDON = 'spec.unschedulable';

function fieldsOf({ spec, metadata }: NodeObject): readonly string[] {
  return [...(spec.unschedulable === undefined ? [] : [CORDON]), ...Object.keys(metadata.annotations ?? {})];
}

function valueIn({ spec, metadata }: NodeObject, field: string): unknown {
  return field === CORDON ? spec.unschedulable : metadata.annotations?.[field];
}

function changesOf(after: NodeObject, before: NodeObject): readonly string[] {
  const all = new Set([...fieldsOf(after), ...fieldsOf(before)]);
  return [...all].filter((field) => valueIn(after, field) !== valueIn(before, field));
}

function ownersOf({ metadata }: NodeObject): readonly (readonly [string, string])[] {
  return (metadata.managedFields ?? []).flatMap(({ manager, fieldsV1 }) => {
    const marks: Fields = { ...fieldsV1['f:metadata'] };
    const annotations = Object.keys(marks['f:annotations'] ?? {}).map((key) => key.slice('f:'.length));
    const own = fieldsV1['f:spec'] === undefined ? annotations : [CORDON, ...annotations];
    return own.map((field) => [field, manager] as const);
  });
}

function entryOf(manager: string, fields: ReadonlySet<string>): ManagedFields {
  const annotations = [...fields].filter((field) => field !== CORDON).map((key) => [`f:${key}`, {}] as const);
  return {
    ...{ manager, operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' },
    fieldsV1: {
      ...(annotations.length === 0
        ? {}
        : { 'f:metadata': { 'f:annotations': Object.fromEntries(annotations) } }),
      ...(fields.has(CORDON) ? { 'f:spec': { 'f:unschedulable': {} } } : {}),
    },
  };
}

// Our wire format against the official one: golden.json holds what the official Go code writes for given values.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createRegistry,
  type DescField,
  type DescFile,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { ResourceSchema } from '../../src/talos/gen/cosi/resource_pb.ts';

interface Sample {
  readonly type: string;
  readonly json: JsonObject;
  readonly hex: string;
}

interface ResourceSample extends Sample {
  readonly id: string;
  /** The name of the message that its spec is. */
  readonly message: string;
}

interface Golden {
  readonly messages: readonly Sample[];
  readonly resources: readonly ResourceSample[];
}

const here = dirname(fileURLToPath(import.meta.url));
const golden = JSON.parse(readFileSync(join(here, 'golden.json'), 'utf8')) as Golden;

const files = await generatedFiles();
const registry = createRegistry(...files);
const schemas = files.flatMap(({ messages }) => messages.flatMap(withNested));

async function generatedFiles(): Promise<readonly DescFile[]> {
  const folder = join(here, '..', '..', 'src', 'talos', 'gen');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('_pb.ts'),
  );
  const modules = await Promise.all(names.map((name) => import(join(folder, name)) as Promise<object>));
  return modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) => (name.startsWith('file_') ? [value as DescFile] : [])),
  );
}

function withNested(schema: DescMessage): DescMessage[] {
  return [schema, ...schema.nestedMessages.flatMap(withNested)];
}

function schemaOf(typeName: string): DescMessage {
  const schema = registry.getMessage(typeName);
  if (schema === undefined) throw new Error(`there is no message ${typeName}`);
  return schema;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function decoded(schema: DescMessage, bytes: Uint8Array): JsonValue {
  return toJson(schema, fromBinary(schema, bytes), { registry });
}

describe('every message, all its fields set', () => {
  test.each(golden.messages.map((sample, index) => ({ ...sample, label: `${sample.type} (${index})` })))(
    '$label has the same bytes as from the official code, both ways',
    ({ type, json, hex }) => {
      const schema = schemaOf(type);
      const ours = toBinary(schema, fromJson(schema, json, { registry }));
      expect(Buffer.from(ours).toString('hex')).toBe(hex);
      expect(decoded(schema, bytesOf(hex))).toEqual(json);
    },
  );

  test('no message and no field of ours is without a sample', () => {
    const missing = schemas.flatMap((schema) => {
      const samples = golden.messages.filter(({ type }) => type === schema.typeName);
      if (samples.length === 0) return [schema.typeName];
      const isSampled = (field: DescField): boolean => samples.some(({ json }) => field.jsonName in json);
      // An Any holds whatever message its sender likes: the events among the samples stand for it.
      const isAny = (field: DescField): boolean => field.message?.typeName === 'google.protobuf.Any';
      return schema.fields
        .filter((field) => !isSampled(field) && !isAny(field))
        .map(({ name }) => `${schema.typeName}.${name}`);
    });
    expect(missing).toEqual([]);
  });
});

describe('resources as the official state server sends them', () => {
  test.each(golden.resources.map((sample, index) => ({ ...sample, label: `${sample.type} (${index})` })))(
    '$label is read with its metadata and its whole content',
    ({ type, id, message, json, hex }) => {
      const { metadata, spec } = fromBinary(ResourceSchema, bytesOf(hex));
      expect(metadata).toMatchObject({ type, id, version: '3', phase: 'running', owner: 'a.Controller' });
      expect(decoded(schemaOf(message), spec?.protoSpec ?? new Uint8Array())).toEqual(json);
    },
  );
});

// A machine that cannot use its configuration says so in an event, and never runs (talos-api.md 9.27).
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import {
  ConfigLoadErrorEventSchema,
  ConfigValidationErrorEventSchema,
  EventSchema,
} from '../../src/talos/gen/machine/machine_pb.ts';
import { sentenceOf } from '../../src/talos/progress.ts';

function said<D extends DescMessage>(schema: D, content: MessageInitShape<D>): string | null {
  const value = toBinary(schema, create(schema, content));
  return sentenceOf(create(EventSchema, { data: { typeUrl: `talos/runtime/${schema.typeName}`, value } }));
}

it('a configuration that a machine refuses is shown in its own words', () => {
  const error = 'unknown keys found during decoding: machine.kubelett';
  expect(said(ConfigLoadErrorEventSchema, { error })).toBe(`its configuration was refused: ${error}`);
  expect(said(ConfigValidationErrorEventSchema, { error })).toBe(`its configuration is invalid: ${error}`);
});

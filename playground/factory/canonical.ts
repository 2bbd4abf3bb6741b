// A schematic as the real factory writes it: fields in its order, empty ones left out, four spaces; its id is the hash of that text.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

const overlay = z.strictObject({
  image: z.string().default(''),
  name: z.string().default(''),
  options: z.record(z.string(), z.unknown()).optional(),
});

/** Fields the factory knows, in the order in which it writes them (facts/talos-api.md 8.2); any other is refused. */
const schematic = z.strictObject({
  overlay: overlay.optional(),
  customization: z
    .strictObject({
      embeddedMachineConfiguration: z.string().optional(),
      extraKernelArgs: z.array(z.string()).optional(),
      meta: z.array(z.strictObject({ key: z.number().int().min(0).max(255), value: z.string() })).optional(),
      systemExtensions: z.strictObject({ officialExtensions: z.array(z.string()).optional() }).optional(),
      bootloader: z.string().optional(),
      secureboot: z
        .strictObject({
          enrollKeys: z.string().optional(),
          includeWellKnownCertificates: z.boolean().optional(),
        })
        .optional(),
      diskImage: z.strictObject({ sectorSize: z.number().optional() }).optional(),
    })
    .default({}),
});

export interface Canonical {
  readonly id: string;
  readonly text: string;
  /** Official extensions with their authors. */
  readonly extensions: readonly string[];
}

/** Reads YAML or JSON; throws Error with the reason when the factory would refuse it. */
export function canonical(body: string): Canonical {
  const given: unknown = parse(body);
  const read = schematic.safeParse(given ?? {});
  if (!read.success) throw new Error(read.error.issues.map((issue) => issue.message).join('; '));
  const { overlay: over, customization } = read.data;
  const kept = {
    ...(over === undefined ? {} : { overlay: over }),
    customization: withoutEmpty(customization),
  };
  const text = stringify(kept, { indent: 4, lineWidth: 0 });
  return {
    id: bytesToHex(sha256(utf8ToBytes(text))),
    text,
    extensions: customization.systemExtensions?.officialExtensions ?? [],
  };
}

function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(fields).flatMap(([key, field]): [string, unknown][] => {
    const plain = isFields(field) ? withoutEmpty(field) : field;
    return isEmpty(plain) ? [] : [[key, plain]];
  });
  return Object.fromEntries(kept);
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return true;
  return Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0;
}

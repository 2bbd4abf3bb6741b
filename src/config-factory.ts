// What the configuration says about Image Factories and registries, and how mistakes in it are named.
import { z } from 'zod';
import { PUBLIC_FACTORY } from './cluster/image.ts';

export interface FactorySettings {
  /** The registry host in the names of installer images. */
  readonly host: string;
  /** Whether a plan asks the registries if its images exist. */
  readonly check: 'on' | 'off';
  /** Where the bot asks instead of a registry's own host: from host to a URL without a slash at the end. */
  readonly mirrors: Readonly<Record<string, string>>;
}

const host = z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, 'expects a registry host without https://');

const section = z.strictObject({
  host: host.default(PUBLIC_FACTORY),
  check: z.enum(['on', 'off']).default('on'),
  mirrors: z
    .record(host, z.url({ protocol: /^https?$/, error: 'expects a URL such as https://mirror.example.com' }))
    .default({}),
});

/** A host alone, as before there was more to say, or host, check and mirrors. Mistakes are told of the form that was written. */
export const factory = z
  .unknown()
  .optional()
  .transform((given, context): FactorySettings => {
    const read =
      typeof given === 'string' ? host.transform(alone).safeParse(given) : section.safeParse(given ?? {});
    if (!read.success) {
      for (const { message, path } of read.error.issues)
        context.issues.push({ code: 'custom', message, path, input: given });
      return z.NEVER;
    }
    const mirrors = Object.entries(read.data.mirrors).map(([name, url]) => [name, url.replace(/\/+$/, '')]);
    return { ...read.data, mirrors: Object.fromEntries(mirrors) };
  });

function alone(name: string): FactorySettings {
  return { host: name, check: 'on', mirrors: {} };
}

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

/** A host alone, as before there was more to say, or host, check and mirrors. */
export const factory = z
  .union([host, section], { error: ({ errors }) => mistakeIn(errors) })
  .default(PUBLIC_FACTORY)
  .transform((given): FactorySettings => {
    if (typeof given === 'string') return { host: given, check: 'on', mirrors: {} };
    const mirrors = Object.entries(given.mirrors).map(([name, url]) => [name, url.replace(/\/+$/, '')]);
    return { ...given, mirrors: Object.fromEntries(mirrors) };
  });

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Whoever wrote neither a host nor a section hears what is wrong with the section. */
function mistakeIn(errors: unknown): string {
  const ways: readonly (readonly Issue[])[] = Array.isArray(errors) ? errors : [];
  const [issue] = ways.at(-1) ?? [];
  if (issue === undefined || issue.path.length === 0)
    return `expects a registry host such as ${PUBLIC_FACTORY}, or host, check and mirrors`;
  return `${issue.path.join('.')}: ${issue.message}`;
}

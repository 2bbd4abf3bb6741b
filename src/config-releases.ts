// What the configuration says about release lists, the compatibility table and how a cluster's path goes.
import { z } from 'zod';
import { PATH_RULES, type PathRules, type Product } from './cluster/path.ts';

export interface ReleasesSettings {
  /** A file with rows of an operator's own for the compatibility table; null = only what the bot was made with. */
  readonly compatibility: string | null;
  /** GitHub's API, without a slash at the end. */
  readonly github: string;
  /** Where people read release notes, without a slash at the end. */
  readonly web: string;
  readonly talos: ReleaseListSettings;
  readonly kubernetes: ReleaseListSettings;
  /** Sent to `github` alone; holds a secret. Null: GitHub is asked as anybody. */
  readonly token: string | null;
}

export interface ReleaseListSettings {
  /** `siderolabs/talos`. */
  readonly repository: string;
  /** A file that is read instead of asking anybody; null = ask. */
  readonly file: string | null;
}

const REPOSITORIES: Readonly<Record<Product, string>> = {
  talos: 'siderolabs/talos',
  kubernetes: 'kubernetes/kubernetes',
};

const url = (example: string) => z.url({ protocol: /^https?$/, error: `expects a URL such as ${example}` });

const list = (product: Product) =>
  z
    .strictObject({
      repository: z
        .string()
        .regex(/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/, `expects a repository such as ${REPOSITORIES[product]}`)
        .default(REPOSITORIES[product]),
      file: z.string().min(1, 'expects a path').optional(),
    })
    .prefault({});

/** Beside `clusters`: the same lists serve all of them. */
export const releases = z
  .strictObject({
    compatibility: z.string().min(1, 'expects a path').optional(),
    github: url('https://api.github.com').default('https://api.github.com'),
    web: url('https://github.com').default('https://github.com'),
    talos: list('talos'),
    kubernetes: list('kubernetes'),
  })
  .prefault({});

/** Of one cluster. */
export const path = z
  .strictObject({
    minors: z.enum(['one-by-one', 'installer-limit']).default(PATH_RULES.minors),
    patches: z.enum(['latest', 'needed']).default(PATH_RULES.patches),
  })
  .prefault({}) satisfies z.ZodType<PathRules>;

/** `here` makes a path of the file absolute. */
export function releasesOf(
  written: z.infer<typeof releases>,
  environment: Readonly<Record<string, string | undefined>>,
  here: (relative: string) => string,
): ReleasesSettings {
  const listOf = ({
    repository,
    file,
  }: {
    repository: string;
    file?: string | undefined;
  }): ReleaseListSettings => ({
    repository,
    file: file === undefined ? null : here(file),
  });
  const token = environment['GITHUB_TOKEN'] ?? '';
  return {
    compatibility: written.compatibility === undefined ? null : here(written.compatibility),
    github: written.github.replace(/\/+$/, ''),
    web: written.web.replace(/\/+$/, ''),
    talos: listOf(written.talos),
    kubernetes: listOf(written.kubernetes),
    token: token === '' ? null : token,
  };
}

// Holds the ladder of folders and the house rules that a reader relies on; design: a folder imports folders to its left, never to its right.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Left to right. Adapters share a rung and never import one another; files directly in src are wiring, which nothing imports. */
const LADDER: readonly (readonly string[])[] = [
  ['cluster'],
  ['checks'],
  ['rollout'],
  ['engine'],
  ['talos', 'etcd', 'kubernetes', 'releases', 'notices', 'archive', 'store', 'jobs', 'bot'],
  ['wiring'],
];
const PURE = ['cluster', 'checks', 'rollout'];

/** Where each package may be imported in src; a package without a home is not to be imported. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  semver: ['cluster', 'bot'],
  '@noble/hashes': ['cluster', 'rollout'],
  '@grpc/grpc-js': ['talos'],
  '@bufbuild/protobuf': ['talos'],
  etcd3: ['etcd'],
  cockatiel: ['etcd'],
  '@kubernetes/client-node': ['kubernetes'],
  '@marcbachmann/cel-js': ['kubernetes'],
  ioredis: ['store'],
  bullmq: ['jobs'],
  '@slack/bolt': ['bot'],
  '@slack/types': ['bot'],
  '@slack/web-api': ['bot'],
  '@aws-sdk/client-s3': ['archive'],
  'age-encryption': ['archive'],
  undici: ['kubernetes', 'releases', 'notices', 'archive'],
  yaml: ['talos', 'kubernetes', 'releases', 'wiring'],
  zod: ['talos', 'kubernetes', 'wiring'],
  pino: ['wiring'],
};

const IMPURE =
  /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\b(?:set|clear)(?:Timeout|Interval|Immediate)\b|\bprocess\s*[.[]|\bperformance\s*\.|\bcrypto\s*\./;
const IMPORT = /\b(?:from\s+|import\s+|import\s*\(\s*)['"]([^'"\n]+)['"]/g;
const MOST_LINES = 300;
/** Generated from the .proto files. */
const GENERATED = 'src/talos/gen/';
/** The heart that knows no goal (design.md 2). */
const GOALLESS = ['decide', 'evolve', 'next', 'phase'].map((name) => `src/rollout/${name}.ts`);

type Files = ReadonlyMap<string, string>;

/** Every broken rule as one sentence that begins with the file's path. */
function breaches(files: Files): readonly string[] {
  return [...files].flatMap(([path, text]) =>
    [
      ...houseRules(path, text),
      ...(path.startsWith('src/') && !path.startsWith(GENERATED) ? sourceRules(path, text) : []),
    ].map((what) => `${path} ${what}`),
  );
}

function houseRules(path: string, text: string): readonly string[] {
  const code = withoutComments(text);
  const broken: string[] = [];
  const lines = text.split('\n').length - 1;
  if (lines > MOST_LINES && !path.startsWith(GENERATED))
    broken.push(`has ${lines} lines, more than ${MOST_LINES}`);
  if (/^\s*export default\b/m.test(code)) broken.push('has a default export');
  if (/\/index\.[cm]?[jt]s$/.test(path) || /^\s*export \* from\b/m.test(code)) broken.push('is a barrel');
  if (/^\s*(?:export )?(?:declare )?(?:const )?enum \w/m.test(code) && !path.startsWith(GENERATED))
    broken.push('has an enum');
  const folder = dirname(path)
    .split('/')
    .find((name) => ['utils', 'helpers', 'services'].includes(name));
  if (folder !== undefined) broken.push(`is in a folder called ${folder}`);
  return broken;
}

function sourceRules(path: string, text: string): readonly string[] {
  const code = withoutComments(text);
  const home = folderOf(path);
  const rung = rungOf(home);
  if (rung === -1) return [`is in src/${home}, which has no place on the ladder`];
  const broken = [...code.matchAll(IMPORT)].flatMap(([, target = '']) => importRule(path, target));
  const impure = PURE.includes(home) ? IMPURE.exec(code) : null;
  if (impure !== null) broken.push(`is pure and uses ${impure[0]}`);
  const goal = GOALLESS.includes(path) ? /talos|kubernetes/i.exec(text) : null;
  if (goal !== null) broken.push(`knows no goal and says ${goal[0]}`);
  return broken;
}

function importRule(path: string, target: string): string[] {
  const home = folderOf(path);
  if (target.startsWith('node:')) return PURE.includes(home) ? [`is pure and imports ${target}`] : [];
  if (!target.startsWith('.')) {
    const name = target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/');
    return HOMES[name]?.includes(home)
      ? []
      : [`imports ${name}, whose home is ${HOMES[name]?.join(', ') ?? 'nowhere'}`];
  }
  const file = posix.join(dirname(path), target);
  if (!file.startsWith('src/')) return [`imports ${file}, which is outside src`];
  const other = folderOf(file);
  if (other === home || rungOf(other) < rungOf(home)) return [];
  return [`imports ${file}, which is not to the left of ${home}`];
}

function folderOf(path: string): string {
  const [, folder = '', ...rest] = path.split('/');
  return rest.length === 0 ? 'wiring' : folder;
}

function rungOf(folder: string): number {
  return LADDER.findIndex((rung) => rung.includes(folder));
}

/** Good enough for our own files: no `//` inside a string of theirs looks like code that a rule forbids. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

function project(): Files {
  const files = ['src', 'playground', 'bench', 'soak', 'test', 'scripts'].flatMap((top) =>
    readdirSync(join(ROOT, top), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:[cm]?[jt]s|lua|css|html)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return new Map(files.map((file) => [file.slice(ROOT.length + 1), readFileSync(file, 'utf8')]));
}

describe('the project', () => {
  it('keeps its own rules', () => {
    const files = project();
    expect(files.size).toBeGreaterThan(100);
    expect(breaches(files)).toEqual([]);
  });
});

describe('a planted violation is found', () => {
  const PLANTED: readonly (readonly [path: string, text: string, says: string])[] = [
    ['src/cluster/a.ts', "import { x } from '../checks/x.ts';", 'not to the left of cluster'],
    ['src/checks/a.ts', "import type { X } from '../rollout/x.ts';", 'not to the left of checks'],
    ['src/rollout/plan/a.ts', "import { x } from '../../engine/ports/x.ts';", 'not to the left of rollout'],
    ['src/engine/a.ts', "import { x } from '../talos/x.ts';", 'not to the left of engine'],
    ['src/engine/a.ts', "export { x } from '../bot/x.ts';", 'not to the left of engine'],
    ['src/talos/a.ts', "import { x } from '../etcd/x.ts';", 'not to the left of talos'],
    ['src/bot/views/a.ts', "const x = await import('../../store/x.ts');", 'not to the left of bot'],
    ['src/jobs/a.ts', "import { settings } from '../config.ts';", 'not to the left of jobs'],
    ['src/drawer/a.ts', '', 'no place on the ladder'],
    ['src/main.ts', "import { x } from '../playground/x.ts';", 'outside src'],
    ['src/store/a.ts', "import { x } from '../../test/x.ts';", 'outside src'],
    ['src/cluster/a.ts', "import { readFileSync } from 'node:fs';", 'imports node:fs'],
    ['src/rollout/a.ts', 'const now = Date.now();', 'uses Date.now'],
    ['src/rollout/a.ts', 'const now = new Date();', 'uses new Date'],
    ['src/checks/a.ts', 'const dice = Math.random();', 'uses Math.random'],
    ['src/checks/a.ts', 'setTimeout(go, 5);', 'uses setTimeout'],
    ['src/cluster/a.ts', "const home = process.env['HOME'];", 'uses process.'],
    ['src/cluster/a.ts', 'const now = performance.now();', 'uses performance.'],
    ['src/engine/a.ts', "import { Redis } from 'ioredis';", 'whose home is store'],
    ['src/bot/a.ts', "import { Queue } from 'bullmq';", 'whose home is jobs'],
    ['src/kubernetes/a.ts', "import { credentials } from '@grpc/grpc-js';", 'whose home is talos'],
    ['src/talos/a.ts', "import { get } from 'lodash/get';", 'whose home is nowhere'],
    ['src/rollout/a.ts', "import { z } from 'zod';", 'whose home is talos'],
    ['src/rollout/next.ts', '// what Talos does next', 'says Talos'],
    ['src/rollout/decide.ts', "const text = 'kubernetes';", 'says kubernetes'],
    ['playground/a.ts', 'x\n'.repeat(MOST_LINES + 1), 'has 301 lines'],
    ['soak/a.ts', 'x\n'.repeat(MOST_LINES + 1), 'has 301 lines'],
    ['scripts/a.mjs', 'export default 5;', 'default export'],
    ['src/bot/index.ts', '', 'barrel'],
    ['src/bot/a.ts', "export * from './b.ts';", 'barrel'],
    ['test/a.ts', 'export const enum Colour { Red }', 'enum'],
    ['src/bot/helpers/a.ts', '', 'folder called helpers'],
  ];

  it.each(PLANTED)('in %s: %s', (path, text, says) => {
    expect(breaches(new Map([[path, text]]))).toEqual([expect.stringContaining(says)]);
  });

  it('and what is allowed is not', () => {
    const files = new Map([
      [
        'src/rollout/a.ts',
        "import { compare } from '../cluster/version.ts';\n// setTimeout and process.exit are words here",
      ],
      [
        'src/engine/a.ts',
        "import type { X } from './ports/x.ts';\nimport { y } from '../rollout/plan/y.ts';",
      ],
      ['src/store/a.ts', "import { Redis } from 'ioredis';\nimport { createHash } from 'node:crypto';"],
      ['src/main.ts', "import { load } from './config.ts';\nimport { bot } from './bot/bot.ts';"],
      ['src/rollout/gate.ts', "import { sha256 } from '@noble/hashes/sha2.js';"],
      ['src/talos/gen/a.ts', 'export enum A { B }\n'.repeat(400)],
      ['playground/slack/page/index.html', '<p>x</p>'],
    ]);
    expect(breaches(files)).toEqual([]);
  });
});

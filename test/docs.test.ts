// What the documents say is what the program does: commands, configuration, environment, log lines, links.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { SCENARIOS } from '../playground/scenarios/registry.ts';
import { COMMANDS, usageOf } from '../src/bot/command-table.ts';
import { file as configurationFile } from '../src/config-schema.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const README = read('README.md');
const OPERATING = read('docs/operating.md');

/** Files below a folder, by their path from the root. */
function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

const SOURCES = filesBelow('src', '.ts').map(read).join('\n');
const DOCUMENTS = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...filesBelow('docs', '.md'),
  'playground/README.md',
];

/** Everything between a heading and the next one of the same or a higher level. */
function sectionOf(text: string, heading: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'));
  if (start < 0) throw new Error(`there is no section "${heading}"`);
  const level = /^#+/.exec(lines[start] ?? '')?.[0].length ?? 0;
  const after = lines.findIndex(
    (line, at) => at > start && /^#+ /.test(line) && (/^#+/.exec(line)?.[0].length ?? 9) <= level,
  );
  return lines.slice(start + 1, after < 0 ? undefined : after).join('\n');
}

/** The cells of the first table, without its head. */
function tableIn(section: string): readonly (readonly string[])[] {
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  // A pipe within a cell is written `\|`, as Markdown wants it.
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}

const bare = (cell: string | undefined): string => (cell ?? '').replace(/^`|`$/g, '');

describe('README.md', () => {
  it('opens with what this is and the two commands', () => {
    const opening = README.split('\n').slice(0, 25).join('\n');
    expect(opening).toContain('npm run demo');
    expect(opening).toContain('npm test');
  });

  it('has every command as the bot understands it, who may use it, and what it does', () => {
    const rows = tableIn(sectionOf(README, 'Commands'));
    expect(rows).toEqual(COMMANDS.map((spec) => [`\`${usageOf(spec)}\``, spec.who, spec.summary]));
  });

  it('has every variable of the environment, and no other', () => {
    const found = [...SOURCES.matchAll(/(?:environment|process\.env)\['([A-Z_]+)'\]/g)].map(
      (match) => match[1] ?? '',
    );
    const rows = tableIn(sectionOf(README, 'Environment'));
    expect(rows.map(([name]) => bare(name)).sort()).toEqual([...new Set(found)].sort());
  });
});

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Dotted keys of everything that can be written; a cluster's own name is `<name>`. */
function keysOf(schema: JsonSchema, above: readonly string[] = []): readonly string[] {
  const ways = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (ways.length > 0) return ways.flatMap((way) => keysOf(way, above));
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([key, inner]) => keysOf(inner, [...above, key]));
  }
  if (typeof schema.additionalProperties === 'object') {
    return keysOf(schema.additionalProperties, [...above, '<name>']);
  }
  return [above.join('.')];
}

/** For the playground and tests alone. */
const UNDOCUMENTED = ['onlyLoopback'];
const ABOVE = 'clusters.<name>.';

describe('the configuration', () => {
  const known = new Set(
    keysOf(z.toJSONSchema(configurationFile, { io: 'input', unrepresentable: 'any' }) as JsonSchema)
      .filter((key) => !UNDOCUMENTED.includes(key))
      .map((key) => (key.startsWith(ABOVE) ? key.slice(ABOVE.length) : key)),
  );
  const rows = tableIn(sectionOf(README, 'Configuration file'));
  const example = read('talos-chatops.example.yaml');

  it('is in the README key by key, and nothing else is', () => {
    expect(rows.map(([key]) => bare(key)).sort()).toEqual([...known].sort());
  });

  it('is in the example file key by key', () => {
    const written = [...example.matchAll(/^[ #]*([a-zA-Z]+):/gm)].map((match) => match[1]);
    const named = [...known].map((key) => key.replace(/\.<name>$/, ''));
    const missing = named.filter((key) => !written.includes(key.split('.').at(-1)));
    expect(missing).toEqual([]);
  });

  it('has in the README the defaults that the example shows', () => {
    const defaults = rows.flatMap(([key, value]) =>
      /^`.*`$/.test(value ?? '') ? [[bare(key), bare(value)]] : [],
    );
    const shown = parseDocument(example.replaceAll(/^( *)# ( *[a-zA-Z]+:(?: |$))/gm, '$1$2'), {
      uniqueKeys: false,
    });
    expect(defaults.length).toBeGreaterThan(15);
    for (const [key = '', value] of defaults) {
      const top = key.startsWith('redis.') || ['poll', 'role'].includes(key) ? [] : ['clusters', 'prod'];
      expect([key, String(shown.getIn([...top, ...key.split('.')]))]).toEqual([key, value]);
    }
  });
});

describe('docs/operating.md', () => {
  it('explains every line the bot logs of itself', () => {
    const said = [...SOURCES.matchAll(/(?:log\.(?:info|warn|error)|complain)\(\s*'([^']+)'/g)].map(
      (match) => match[1],
    );
    const missing = [...new Set(said)].filter((line) => !OPERATING.includes(`\`${line}\``));
    expect(said.length).toBeGreaterThan(15);
    expect(missing).toEqual([]);
  });

  it('explains no line that is not logged', () => {
    const rows = tableIn(sectionOf(OPERATING, 'What each log line means'));
    const lines = rows.map(([line]) => bare(line));
    // `<host:port>` stands for what differs.
    const stale = lines.filter((line) => line.split(/<.*?>/).some((part) => !SOURCES.includes(part)));
    expect(lines.length).toBeGreaterThan(15);
    expect(stale).toEqual([]);
  });
});

describe('playground/README.md', () => {
  it('has every scenario with its sentence', () => {
    const rows = tableIn(sectionOf(read('playground/README.md'), 'Scenarios'));
    expect(rows).toEqual(SCENARIOS.map(({ name, sentence }) => [`\`${name}\``, sentence]));
  });
});

/** GitHub's way to make an anchor of a heading. */
function anchorsOf(text: string): readonly string[] {
  const headings = text.split('\n').filter((line) => /^#{1,6} /.test(line));
  return headings.map((line) =>
    line
      .replace(/^#+ /, '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('a document', () => {
  it.each(DOCUMENTS)('%s links only to what is there', (document) => {
    const prose = read(document).replaceAll(/^```[\s\S]*?^```/gm, '');
    const links = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].map((match) => match[1] ?? '');
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('of a decision is in the list of decisions', () => {
    const list = read('docs/decisions/README.md');
    const missing = filesBelow('docs/decisions', '.md')
      .map((path) => relative('docs/decisions', path))
      .filter((name) => name !== 'README.md' && !list.includes(`(${name})`));
    expect(missing).toEqual([]);
  });
});

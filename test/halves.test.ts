// Each half of the bot loads what it needs and nothing of the other's world: what is not loaded cannot be called.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
/** What is imported for its types alone is gone when the program runs; an `import()` is followed only where it is asked for. */
const IMPORT = /^(?:import|export) (?!type\b)[^;]*?from '([^']+)'/gm;

/** Everything that these files load, themselves included: files by their path in src, packages by their name. */
function loadedBy(...entries: readonly string[]): ReadonlySet<string> {
  const loaded = new Set<string>();
  const waiting = entries.map((entry) => join(SOURCES, entry));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const name = file.slice(SOURCES.length);
    if (loaded.has(name)) continue;
    loaded.add(name);
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (target.startsWith('.')) waiting.push(join(dirname(file), target));
      else if (!target.startsWith('node:')) loaded.add(packageOf(target));
    }
  }
  return loaded;
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

const SLACK = ['@slack/bolt', '@slack/web-api'];
const CLUSTERS = ['@grpc/grpc-js', 'etcd3', '@kubernetes/client-node', '@aws-sdk/client-s3'];

describe('what a process loads', () => {
  it('as a bot is no client of any cluster', () => {
    const loaded = loadedBy('main.ts', 'app-hearing.ts');
    expect([...loaded]).toEqual(expect.arrayContaining([SLACK[0], 'bullmq', 'ioredis']));
    expect(CLUSTERS.filter((name) => loaded.has(name))).toEqual([]);
    expect(loaded.has('clusters.ts')).toBe(false);
  });

  it('as a worker is nothing of Slack', () => {
    const loaded = loadedBy('main.ts', 'app-working.ts', 'clusters.ts');
    expect([...loaded]).toEqual(expect.arrayContaining([CLUSTERS[0], 'bullmq', 'ioredis']));
    expect(SLACK.filter((name) => loaded.has(name))).toEqual([]);
    expect([...loaded].filter((name) => name.startsWith('bot/'))).toEqual([]);
  });
});

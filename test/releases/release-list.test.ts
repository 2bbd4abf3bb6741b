// Lists of versions: read out of what there is, remembered, replaced by a file, and honest about who did not answer.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import {
  fileSource,
  type RememberedSource,
  releaseLists,
  remembered,
} from '../../src/releases/release-list.ts';
import { releasedOf, tagsInFile } from '../../src/releases/tags.ts';

const AWAY = new Fault('unreachable', 'host cannot be reached.');

/** A source whose answers are given one after the other; the last one stays. */
function aSource(name: string, ...answers: readonly (readonly string[] | Fault)[]) {
  let now = 0;
  let asked = 0;
  const source = remembered(
    {
      name,
      ask: async () => {
        const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
        asked += 1;
        if (answer instanceof Fault) throw answer;
        return { versions: answer };
      },
    },
    { keepMs: 1_000, monotonic: () => now },
  );
  return { source, asked: () => asked, at: (ms: number) => (now = ms) };
}

const listOf = (...talos: readonly RememberedSource[]) => releaseLists({ talos, kubernetes: [] }).talos();

describe('what is read as a released version', () => {
  it.each([
    [
      'in order, once each, with a v',
      ['1.9.10', 'v1.10.0', 'v1.9.2', 'v1.9.2'],
      ['v1.9.2', 'v1.9.10', 'v1.10.0'],
    ],
    ['without pre-releases', ['v1.14.0-rc.1', 'v1.14.0', 'v1.14.0+build'], ['v1.14.0']],
    ['without other tags', ['pkg/machinery/v1.13.9', 'latest', '', 'v1.13'], []],
  ])('%s', (_, tags, versions) => {
    expect(releasedOf(tags)).toEqual(versions);
  });

  it.each([
    ['lines with remarks', '# ours\nv1.13.9 # mirrored\n\nv1.14.0\r\n', ['v1.13.9', 'v1.14.0']],
    ['an array of tags', '["v1.13.9", "v1.14.0"]', ['v1.13.9', 'v1.14.0']],
    [
      'what GitHub answered',
      '[{"tag_name":"v1.14.0"},{"tag_name":"v1.15.0","draft":true},{"tag_name":"v1.14.1","prerelease":true},{}]',
      ['v1.14.0'],
    ],
  ])('in a file: %s', (_, text, versions) => {
    expect(releasedOf(tagsInFile(text) ?? [])).toEqual(versions);
  });

  it.each(['[', '{"versions": []}', '[1, null]'])('in a file that is none: %s', (text) => {
    expect(releasedOf(tagsInFile(text) ?? [])).toEqual([]);
  });
});

describe('a list', () => {
  it('that is cut says so beside its versions', async () => {
    const ask = async () => ({ versions: ['v1.14.0'], lacks: 'github has more.' });
    const source = remembered({ name: 'github', ask }, { keepMs: 1_000, monotonic: () => 0 });
    expect(await listOf(source)).toMatchObject({ versions: ['v1.14.0'], troubles: ['github has more.'] });
  });

  it('is remembered for a while, and asked for again after that', async () => {
    const { source, asked, at } = aSource('github', ['v1.13.9'], ['v1.14.0']);
    await listOf(source);
    at(999);
    expect(await listOf(source)).toEqual({
      versions: ['v1.13.9'],
      source: 'github',
      ageMs: 999,
      troubles: [],
    });
    at(1_000);
    expect(await listOf(source)).toEqual({ versions: ['v1.14.0'], source: 'github', ageMs: 0, troubles: [] });
    expect(asked()).toBe(2);
  });

  it('is asked for once by many at the same time', async () => {
    const { source, asked } = aSource('github', ['v1.13.9']);
    await Promise.all([listOf(source), listOf(source), listOf(source)]);
    expect(asked()).toBe(1);
  });

  it('stays the last good one when its source is away, with its age and the reason', async () => {
    const { source, at } = aSource('github', ['v1.13.9'], AWAY);
    await listOf(source);
    at(7_200_000);
    expect(await listOf(source)).toEqual({
      versions: ['v1.13.9'],
      source: 'github',
      ageMs: 7_200_000,
      troubles: ['host cannot be reached.'],
    });
  });

  it('leaves a source that failed alone for a minute', async () => {
    const { source, asked, at } = aSource('github', AWAY, ['v1.13.9']);
    await listOf(source);
    at(59_999);
    expect((await listOf(source)).versions).toEqual([]);
    expect(asked()).toBe(1);
    at(60_000);
    expect((await listOf(source)).versions).toEqual(['v1.13.9']);
  });

  it('comes from the first source that answers, and says who did not', async () => {
    const [factory, github] = [aSource('factory', AWAY), aSource('github', ['v1.13.9'])];
    expect(await listOf(factory.source, github.source)).toMatchObject({
      versions: ['v1.13.9'],
      source: 'github',
      troubles: ['host cannot be reached.'],
    });
  });

  it('asks nobody after the first that answers', async () => {
    const [factory, github] = [aSource('factory', ['v1.13.9']), aSource('github', ['v1.14.0'])];
    expect(await listOf(factory.source, github.source)).toMatchObject({ source: 'factory', troubles: [] });
    expect(github.asked()).toBe(0);
  });

  it('is the youngest old one when nobody answers', async () => {
    const [factory, github] = [aSource('factory', ['v1.12.0'], AWAY), aSource('github', ['v1.13.9'], AWAY)];
    await listOf(factory.source);
    github.at(5_000);
    await listOf(github.source);
    factory.at(9_000);
    github.at(9_000);
    expect(await listOf(factory.source, github.source)).toMatchObject({ source: 'github', ageMs: 4_000 });
  });

  it('is empty and says why when nobody ever answered', async () => {
    expect(await listOf(aSource('github', AWAY).source)).toEqual({
      versions: [],
      source: null,
      ageMs: 0,
      troubles: ['host cannot be reached.'],
    });
  });
});

describe('a list in a file', () => {
  function aFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-lists-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }
  const remember = (path: string): RememberedSource =>
    remembered(fileSource(path), { keepMs: 0, monotonic: () => 0 });

  it('is read again when it was replaced', async () => {
    const path = join(aFolder(), 'talos.txt');
    const source = remember(path);
    writeFileSync(path, 'v1.13.9\n');
    await listOf(source);
    writeFileSync(path, 'v1.13.9\nv1.14.0\n');
    expect(await listOf(source)).toEqual({
      versions: ['v1.13.9', 'v1.14.0'],
      source: 'talos.txt',
      ageMs: 0,
      troubles: [],
    });
  });

  it.each([
    ['that is not there', null, 'cannot be read (ENOENT)'],
    ['with nothing in it', '', 'has no released version in it'],
    ['of another kind', '{"a": 1}', 'has no released version in it'],
  ])('%s is a trouble with its name', async (_, text, says) => {
    const path = join(aFolder(), 'talos.txt');
    if (text !== null) writeFileSync(path, text);
    const { versions, troubles } = await listOf(remember(path));
    expect([versions, troubles]).toEqual([[], [expect.stringContaining(says)]]);
    expect(troubles[0]).toContain('talos.txt');
    expect(troubles[0]).not.toContain(path);
  });
});

// The checked-in stubs are what the checked-in proto files generate.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const buf = join(root, 'node_modules', '@bufbuild', 'buf', 'bin', 'buf');
const bufRuns = existsSync(buf) && spawnSync(process.execPath, [buf, '--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'talos-stubs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function filesIn(path: string): Map<string, string> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return new Map(names.sort().map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}

test.skipIf(!bufRuns)(
  'regenerating the Talos stubs changes nothing (skipped where buf has no binary)',
  () => {
    const template = readFileSync(join(root, 'src/talos/proto/buf.gen.yaml'), 'utf8').replace(
      'src/talos/gen',
      folder,
    );
    const run = spawnSync(process.execPath, [buf, 'generate', 'src/talos/proto', '--template', template], {
      cwd: root,
      encoding: 'utf8',
      // The plugin is started as `node`: the one that runs this test. No home: nothing may come from a cache.
      env: { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: folder },
    });
    expect(run.stderr).toBe('');
    expect(filesIn(join(root, 'src/talos/gen'))).toEqual(filesIn(folder));
  },
  // A compiler and its plugin in processes of their own: seconds on an idle machine, more than a minute was seen on a busy one.
  300_000,
);

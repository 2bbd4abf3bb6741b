// Runs a script on the project's own Node, installing the locked dependencies first when they are missing or stale.
// Plain JavaScript without dependencies: this file is what the system's Node (>= 20) runs on a bare machine.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.talos-chatops-lock');

/** The lockfile's digest: a changed lockfile means the installed packages are not the ones it names. */
function wanted() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function installed() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted();
}

if (!installed()) {
  process.stderr.write('Installing the dependencies named in package-lock.json (npm ci) …\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2], // stdout belongs to the script: its last line may be JSON somebody parses
  });
  if (npm.status !== 0) {
    process.stderr.write('npm ci failed: see its message above. It needs the npm registry, nothing else.\n');
    process.exit(3);
  }
  writeFileSync(stamp, wanted());
}

// The pinned Node comes as an optional package for Linux; elsewhere the caller's own Node must be new enough.
const pinned = join(root, 'node_modules', '.bin', 'node');
const node = existsSync(pinned) ? pinned : process.execPath;
const [major, minor] = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
  .stdout.split('.')
  .map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `Node ${major}.${minor} is too old: install Node 22.19 or newer and run the same command again.\n`,
  );
  process.exit(3);
}

// One arena of the C library's allocator: with one per thread, what copies of etcd leave behind adds up (docs/measured.md). What is
// large is given back when it is freed: by itself the allocator raises the threshold for that to 32 MB.
const env = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '16384', ...process.env };
const child = spawn(node, process.argv.slice(2), { cwd: root, stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));

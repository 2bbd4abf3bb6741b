// A process of its own that archives a long snapshot and tells how its memory grew: JSON on stdout. Arguments: kind, place, recipient, MiB.
import { MemoryWatch } from '../../bench/memory-watch.ts';
import { folderArchive } from '../../src/archive/folder.ts';
import { s3Archive } from '../../src/archive/s3.ts';
import { verified } from '../../src/archive/verify.ts';
import { BUCKET, CREDENTIALS } from './s3-stand-in.ts';
import { aLongSnapshot } from './snapshots.ts';

const MIB = 1024 * 1024;

const [kind = '', place = '', recipientText = '', mib = ''] = process.argv.slice(2);
const recipient = recipientText === '' ? null : recipientText;
const expectedBytes = Number(mib) * MIB;

/** Stores a snapshot and resolves with its stored size; `hoard` is how nobody may do it. */
const PUTS: Readonly<Record<string, (stream: AsyncIterable<Uint8Array>) => Promise<number>>> = {
  folder: (stream) => archived(folderArchive({ folder: place, recipient }), stream),
  s3: (stream) => {
    const bucket = { bucket: BUCKET, prefix: '', region: 'eu-central-1', endpoint: place };
    return archived(s3Archive({ ...bucket, credentials: CREDENTIALS, recipient }), stream);
  },
  hoard: async (stream) => {
    const held: Uint8Array[] = [];
    for await (const chunk of verified(stream)) held.push(chunk);
    return held.reduce((bytes, chunk) => bytes + chunk.length, 0);
  },
};

async function archived(
  archive: ReturnType<typeof folderArchive>,
  stream: AsyncIterable<Uint8Array>,
): Promise<number> {
  const { bytes } = await archive.put({ cluster: 'prod', rollout: 'r1', takenAt: 0, stream });
  await archive.close();
  return bytes;
}

const watch = new MemoryWatch(expectedBytes);

async function* watched(): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of aLongSnapshot(expectedBytes)) {
    yield chunk;
    watch.passed(chunk.length);
  }
}

const put = PUTS[kind];
if (put === undefined) throw new Error(`there is no way to put called "${kind}"`);
const bytes = await put(watched());
process.stdout.write(JSON.stringify({ bytes, grown: watch.grown() }));

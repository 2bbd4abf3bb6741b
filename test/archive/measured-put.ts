// A process of its own that archives a long snapshot and tells how its memory moved: JSON on stdout. Arguments: kind, place, recipient, MiB.
import { folderArchive } from '../../src/archive/folder.ts';
import { s3Archive } from '../../src/archive/s3.ts';
import { BUCKET, CREDENTIALS } from './s3-stand-in.ts';
import { aLongSnapshot } from './snapshots.ts';

const MIB = 1024 * 1024;
/** What a process takes before it is warm (code, pools, the heap's first growth) says nothing about the stream's length. */
const WARM_BYTES = 64 * MIB;

const [kind = '', place = '', recipientText = '', mib = ''] = process.argv.slice(2);
const recipient = recipientText === '' ? null : recipientText;
const archive =
  kind === 'folder'
    ? folderArchive({ folder: place, recipient })
    : s3Archive({
        ...{ bucket: BUCKET, prefix: '', region: 'eu-central-1', endpoint: place },
        credentials: CREDENTIALS,
        recipient,
      });

let warm: number | null = null;
let peak = 0;

async function* watched(): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const chunk of aLongSnapshot(Number(mib) * MIB)) {
    yield chunk;
    bytes += chunk.length;
    if (bytes % MIB !== 0) continue;
    const { rss } = process.memoryUsage();
    if (bytes === WARM_BYTES) warm = rss;
    if (warm !== null) peak = Math.max(peak, rss);
  }
}

const { bytes } = await archive.put({ cluster: 'prod', rollout: 'r1', takenAt: 0, stream: watched() });
await archive.close();
process.stdout.write(JSON.stringify({ bytes, grownMib: (peak - (warm ?? peak)) / MIB }));

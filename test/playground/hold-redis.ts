// A process that holds a private Redis until somebody kills it: prints the URL and waits.
import { ownRedis } from '../../playground/redis.ts';

const redis = await ownRedis();
process.stdout.write(`${redis.url}\n`);
setInterval(() => {}, 60_000);

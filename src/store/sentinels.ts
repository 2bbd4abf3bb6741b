// How Sentinel is asked for the master, so that no connection ends for good over it.
import { Socket } from 'node:net';
import { type SentinelConnectionOptions, SentinelConnector } from 'ioredis';

/**
 * ioredis closes what is being dialled when the sentinels tell of a new master, and they tell the detector of the connection before also
 * while one of them is asked for the next. That asking then fails, and a client whose asking failed is at its end (5.11: status `end`
 * without a word to `retryStrategy`): dead until the process is. So an asking that fails is told as a connection that was lost at once:
 * who closed the client has it closed, and for everybody else `retryStrategy` says when to ask again.
 */
export class LastingConnector extends SentinelConnector {
  /** What the client was made with; ioredis calls any connector with anything. */
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
  }

  override async connect(tell: Parameters<SentinelConnector['connect']>[0]): Promise<Socket> {
    try {
      return await super.connect(tell);
    } catch (error) {
      // What the client then tells as its error; it would be one of long ago.
      this.firstError = error instanceof Error ? error : new Error(String(error));
      return new Socket().destroy();
    }
  }
}

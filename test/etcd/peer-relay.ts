// The network between etcd members in small: one relay before each member, which can cut off the traffic of any member.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** etcd's peers name themselves in every raft request; the peers' traffic is plain so that this can be read. */
const SENDER = /X-Server-From: ([0-9a-f]+)/;

interface Line {
  readonly to: string;
  /** The member that dialled, once it has said who it is. */
  from: string | null;
  readonly ends: readonly Socket[];
}

export class PeerNetwork {
  readonly #servers: Server[] = [];
  readonly #lines = new Set<Line>();
  #cut: { readonly node: string; readonly memberId: string } | null = null;

  /** Opens a relay before the named member; resolves with the port its peers shall dial. */
  async relayTo(node: string, { host, port }: { host: string; port: number }): Promise<number> {
    const server = createServer((dialler) => this.#join(node, dialler, connect(port, host)));
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  /** From now on nothing passes between this member and the others; both sides stay up. */
  partition(node: string, memberId: string): void {
    this.#cut = { node, memberId };
    for (const line of this.#lines) this.#dropIfCut(line);
  }

  heal(): void {
    this.#cut = null;
  }

  async close(): Promise<void> {
    for (const line of this.#lines) drop(line);
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  #join(to: string, dialler: Socket, target: Socket): void {
    const line: Line = { to, from: null, ends: [dialler, target] };
    this.#lines.add(line);
    const carry = (source: Socket, sink: Socket, look: (bytes: Buffer) => void): void => {
      source.on('data', (bytes: Buffer) => {
        look(bytes);
        if (!this.#dropIfCut(line)) sink.write(bytes);
      });
      source.on('error', () => drop(line));
      source.on('close', () => {
        drop(line);
        this.#lines.delete(line);
      });
    };
    carry(dialler, target, (bytes) => {
      line.from ??= SENDER.exec(bytes.toString('latin1'))?.[1] ?? null;
    });
    carry(target, dialler, () => undefined);
  }

  #dropIfCut(line: Line): boolean {
    const cut = this.#cut !== null && (line.to === this.#cut.node || line.from === this.#cut.memberId);
    if (cut) drop(line);
    return cut;
  }
}

function drop(line: Line): void {
  for (const end of line.ends) end.destroy();
}

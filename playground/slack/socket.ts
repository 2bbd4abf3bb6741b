// Socket Mode, the server's side: tickets, several sockets per app, envelopes with acknowledgements, refreshes (facts/slack.md 2.2, 3.1).
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Journal } from './journal.ts';
import { isRecord, type Json, parseJson, textOf } from './json.ts';
import { APP } from './seed.ts';

export type EnvelopeType = 'slash_commands' | 'interactive' | 'events_api';
export type Delivery =
  | { readonly kind: 'acknowledged'; readonly payload: Json }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'no-app' };

/** Real Slack: up to ten connections per app. */
const SOCKETS_LIMIT = 10;
/** Well inside the 30 s a client waits for a ping. */
const PING_MS = 5000;
/** Real connections last some hours; the client only logs this number. */
const APPROXIMATE_CONNECTION_S = 18_060;
/** A ticket is used at once or never. */
const TICKET_LIMIT_MS = 30_000;
const HIGHEST_FRAME_BYTES = 4_000_000;

type Socket = { readonly ws: WebSocket; inFlight: number; leaving: boolean };
type Pending = {
  readonly socket: Socket;
  readonly done: (delivery: Delivery) => void;
  readonly timer: NodeJS.Timeout;
};
type Envelope = Json & { readonly envelope_id: string; readonly type: EnvelopeType };

export class SocketHub {
  readonly #journal: Journal;
  readonly #ackLimitMs: number;
  readonly #onChange: () => void;
  readonly #wss = new WebSocketServer({ noServer: true, maxPayload: HIGHEST_FRAME_BYTES });
  readonly #tickets = new Map<string, number>();
  readonly #pending = new Map<string, Pending>();
  #sockets: Socket[] = [];
  #turn = 0;
  #acksToDrop = 0;
  #lastEnvelope: Envelope | undefined;

  constructor(journal: Journal, ackLimitMs: number, onChange: () => void) {
    this.#journal = journal;
    this.#ackLimitMs = ackLimitMs;
    this.#onChange = onChange;
  }

  /** Sockets that may be given payloads. */
  count(): number {
    return this.#ready().length;
  }

  /** A single-use ticket for `/link/`. */
  ticket(): string {
    const ticket = randomUUID();
    this.#tickets.set(ticket, Date.now() + TICKET_LIMIT_MS);
    return ticket;
  }

  /** Handles the upgrade of `/link/?ticket=…`. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
    const expiresMs = this.#tickets.get(ticket) ?? 0;
    this.#tickets.delete(ticket);
    if (expiresMs < Date.now()) {
      stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#wss.handleUpgrade(request, stream, head, (ws) => this.#welcome(ws));
  }

  /** Sends a payload to one socket and waits for its acknowledgement. */
  async deliver(type: EnvelopeType, payload: Json, extra: Json = {}): Promise<Delivery> {
    const socket = this.#next();
    const envelope: Envelope = {
      envelope_id: randomUUID(),
      type,
      accepts_response_payload: type !== 'events_api',
      payload,
      ...extra,
    };
    this.#lastEnvelope = envelope;
    if (socket === undefined) return { kind: 'no-app' };
    return new Promise((done) => {
      const timer = setTimeout(
        () => this.#settle(envelope.envelope_id, { kind: 'timeout' }),
        this.#ackLimitMs,
      );
      this.#pending.set(envelope.envelope_id, { socket, done, timer });
      socket.inFlight += 1;
      this.#send(socket, envelope);
    });
  }

  /** The next `count` acknowledgements get lost. */
  dropAcks(count: number): void {
    this.#acksToDrop = count;
  }

  /** The same envelope once more, as Slack is known to do. False when there was none. */
  redeliver(): boolean {
    const socket = this.#next();
    if (socket === undefined || this.#lastEnvelope === undefined) return false;
    this.#send(socket, this.#lastEnvelope);
    return true;
  }

  /**
   * Ends one socket or all as Slack does: nothing new is given to it, what it has in hand may be acknowledged (not longer than
   * the acknowledgement limit; `abrupt`: not at all), then `disconnect` is said.
   */
  async disconnect(which: 'one' | 'all', reason: string, abrupt: boolean): Promise<number> {
    const ending = which === 'all' ? this.#ready() : this.#ready().slice(0, 1);
    for (const socket of ending) socket.leaving = true;
    this.#onChange();
    await Promise.all(
      ending.map(async (socket) => {
        if (!abrupt) await this.#drained(socket);
        this.#send(socket, { type: 'disconnect', reason, debug_info: { host: 'playground' } });
      }),
    );
    return ending.length;
  }

  /** Resets the TCP connection of one socket or all. */
  kill(which: 'one' | 'all'): number {
    const ending = which === 'all' ? [...this.#sockets] : this.#ready().slice(0, 1);
    for (const socket of ending) socket.ws.terminate();
    return ending.length;
  }

  /** Closes everything; who still waits for an acknowledgement gets a time-out. */
  stop(): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id, { kind: 'timeout' });
    for (const socket of this.#sockets) socket.ws.terminate();
    this.#wss.close();
  }

  #ready(): Socket[] {
    return this.#sockets.filter((socket) => !socket.leaving && socket.ws.readyState === socket.ws.OPEN);
  }

  #next(): Socket | undefined {
    const ready = this.#ready();
    this.#turn += 1;
    return ready[this.#turn % Math.max(1, ready.length)];
  }

  #welcome(ws: WebSocket): void {
    const socket: Socket = { ws, inFlight: 0, leaving: false };
    const pings = setInterval(() => ws.ping('Ping from the playground'), PING_MS);
    ws.on('message', (data: Buffer) => this.#heard(data.toString()));
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      clearInterval(pings);
      this.#sockets = this.#sockets.filter((other) => other !== socket);
      this.#onChange();
    });
    if (this.#ready().length >= SOCKETS_LIMIT) {
      this.#send(socket, {
        type: 'disconnect',
        reason: 'too_many_websockets',
        debug_info: { host: 'playground' },
      });
      ws.close();
      return;
    }
    this.#sockets.push(socket);
    this.#send(socket, {
      type: 'hello',
      num_connections: this.#ready().length,
      connection_info: { app_id: APP.id },
      debug_info: {
        host: 'playground',
        build_number: 1,
        approximate_connection_time: APPROXIMATE_CONNECTION_S,
      },
    });
    this.#onChange();
  }

  #heard(source: string): void {
    const frame = parseJson(source);
    if (!isRecord(frame)) return;
    this.#journal.note('frame-in', 'ack', frame);
    if (this.#acksToDrop > 0) {
      this.#acksToDrop -= 1;
      return;
    }
    const payload = frame['payload'];
    this.#settle(textOf(frame, 'envelope_id'), {
      kind: 'acknowledged',
      payload: isRecord(payload) ? payload : {},
    });
  }

  /** A late or second acknowledgement finds nobody waiting, and is ignored. */
  #settle(envelopeId: string, delivery: Delivery): void {
    const pending = this.#pending.get(envelopeId);
    if (pending === undefined) return;
    this.#pending.delete(envelopeId);
    clearTimeout(pending.timer);
    pending.socket.inFlight -= 1;
    pending.socket.ws.emit('settled');
    pending.done(delivery);
  }

  #drained(socket: Socket): Promise<void> {
    return new Promise((done) => {
      const look = (): void => {
        if (socket.inFlight > 0 && socket.ws.readyState === socket.ws.OPEN) return;
        socket.ws.off('settled', look);
        socket.ws.off('close', look);
        done();
      };
      socket.ws.on('settled', look);
      socket.ws.on('close', look);
      look();
    });
  }

  #send(socket: Socket, frame: Json): void {
    this.#journal.note('frame-out', textOf(frame, 'type'), frame);
    socket.ws.send(JSON.stringify(frame));
  }
}

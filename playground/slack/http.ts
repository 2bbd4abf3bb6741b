// Small HTTP things: reading a body with a bound, answering JSON.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Larger than anything Slack takes in one call, uploads aside. */
const BODY_LIMIT_BYTES = 4_000_000;

/** The whole body. Rejects when it is larger than `limitBytes`. */
export const bodyOf = async (request: IncomingMessage, limitBytes = BODY_LIMIT_BYTES): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request) {
    const chunk = Buffer.from(part as Uint8Array);
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw new Error(`body larger than ${limitBytes} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
};

export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
};

export const sendText = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(body);
};

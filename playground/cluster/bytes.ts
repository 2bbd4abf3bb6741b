/** Texts and files as the chunked streams of Talos send them. */

/** The real server's limit for one message of a stream of bytes. */
const CHUNK_BYTES = 1024;

interface DataMethodReplies {
  send(reply: { bytes: Uint8Array }): void;
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Sends bytes in chunks of at most 1024. */
export function sendBytes(replies: DataMethodReplies, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
    replies.send({ bytes: bytes.subarray(offset, offset + CHUNK_BYTES) });
  }
}

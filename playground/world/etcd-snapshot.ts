/** The bytes of a simulated etcd snapshot: a small database that etcd's own tools open and, behind it, its SHA-256. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

// The file format of bbolt, etcd's store: pages that begin with their number, kind and count; all numbers little-endian.
const PAGE_BYTES = 4096;
/** The largest message of a stream (facts/talos-api.md 2.2). */
const CHUNK_BYTES = 1024;
const HEADER_BYTES = 16;
const ELEMENT_BYTES = 16;
const META = 0x04;
const FREE_LIST = 0x10;
const LEAF = 0x02;
const MAGIC = 0xed0cdaed;
const FORMAT = 2;
/** Two descriptions of the database, the list of free pages, the root: nothing behind it is in use. */
const ROOT_PAGE = 3n;
const USED_PAGES = 4n;

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly bucket?: true;
}

/**
 * A database that holds one key at the revision `raftIndex`, followed by its digest, in the chunks in which Talos sends it
 * (facts/talos-api.md 2.2). Made while it is read: a database of gigabytes is nowhere as a whole. `bytes` is rounded up to pages.
 */
export function* snapshotChunks(raftIndex: bigint, bytes: number): Generator<Uint8Array, void> {
  const hash = sha256.create();
  const used = [
    metaPage(0n),
    metaPage(1n),
    header(2n, FREE_LIST, 0),
    leafPage(ROOT_PAGE, [bucket('key', [revision(raftIndex)]), bucket('meta', [])]),
  ];
  const pages = Math.max(Number(USED_PAGES), Math.ceil(bytes / PAGE_BYTES));
  for (let number = 0; number < pages; number += 1) {
    const page = new Uint8Array(PAGE_BYTES);
    const content = used[number];
    // What bbolt once used and gave up still holds what was written there: no two such pages are alike.
    if (content === undefined) new DataView(page.buffer).setUint32(0, number, true);
    else page.set(content);
    hash.update(page);
    for (let at = 0; at < PAGE_BYTES; at += CHUNK_BYTES) yield page.subarray(at, at + CHUNK_BYTES);
  }
  yield hash.digest();
}

function header(id: bigint, kind: number, count: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  view.setBigUint64(0, id, true);
  view.setUint16(8, kind, true);
  view.setUint16(10, count, true);
  return new Uint8Array(view.buffer);
}

function metaPage(transaction: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(64));
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, FORMAT, true);
  view.setUint32(8, PAGE_BYTES, true);
  view.setBigUint64(16, ROOT_PAGE, true);
  view.setBigUint64(32, 2n, true);
  view.setBigUint64(40, USED_PAGES, true);
  view.setBigUint64(48, transaction, true);
  view.setBigUint64(56, fnv1a(new Uint8Array(view.buffer, 0, 56)), true);
  return concatBytes(header(transaction, META, 0), new Uint8Array(view.buffer));
}

/** A page of entries in the order of their keys: first where each lies, then all keys and values. */
function leafPage(id: bigint, entries: readonly Entry[]): Uint8Array {
  const elements = new DataView(new ArrayBuffer(ELEMENT_BYTES * entries.length));
  let dataAt = elements.byteLength;
  for (const [index, { key, value, bucket: isBucket }] of entries.entries()) {
    const at = index * ELEMENT_BYTES;
    elements.setUint32(at, isBucket === true ? 1 : 0, true);
    elements.setUint32(at + 4, dataAt - at, true);
    elements.setUint32(at + 8, key.length, true);
    elements.setUint32(at + 12, value.length, true);
    dataAt += key.length + value.length;
  }
  const data = entries.flatMap(({ key, value }) => [key, value]);
  return concatBytes(header(id, LEAF, entries.length), new Uint8Array(elements.buffer), ...data);
}

/** A small bucket has no page of its own: its only page stands behind 16 bytes of nothing in its entry. */
function bucket(name: string, entries: readonly Entry[]): Entry {
  return {
    key: utf8ToBytes(name),
    value: concatBytes(new Uint8Array(16), leafPage(0n, entries)),
    bucket: true,
  };
}

/** An entry of etcd's history: its revision in big-endian, and a KeyValue message with nothing but a key. */
function revision(main: bigint): Entry {
  const key = new DataView(new ArrayBuffer(17));
  key.setBigUint64(0, main);
  key.setUint8(8, '_'.charCodeAt(0));
  const name = utf8ToBytes('playground');
  return { key: new Uint8Array(key.buffer), value: concatBytes(Uint8Array.of(0x0a, name.length), name) };
}

/** FNV-1a over 64 bits. */
function fnv1a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

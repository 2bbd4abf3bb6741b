// A talosconfig that is renewed while the program runs: used from then on, without cutting off what is under way.
import { status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Acts } from '../../src/talos/acts.ts';
import { Connection } from '../../src/talos/connection.ts';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import type { IdentityChange, IdentitySource } from '../../src/talos/identity-source.ts';
import { Reads } from '../../src/talos/reads.ts';
import { authority, type Behaviour, running } from './machine.ts';
import { aMountedFile, sourceOf, talosconfigText } from './mounted.ts';
import { aTalosAuthority } from './pki.ts';
import { aRelayTo } from './relay.ts';

const DAY_MS = 86_400_000;
const node = '10.0.0.3';
const clientsBefore = await aTalosAuthority();
const clientsAfter = await aTalosAuthority();
const before = await clientsBefore.client({ lifetimeMs: DAY_MS });
const after = await clientsAfter.client({ lifetimeMs: 300 * DAY_MS, roles: ['os:reader'] });

function connectionOf(source: IdentitySource): Connection {
  const { endpoints, identity } = source.current();
  return new Connection({
    endpoints,
    identity,
    current: () => source.current(),
    stale: () => source.stale(),
    onlyLoopback: true,
  });
}

function readsOf(source: IdentitySource): Reads {
  const reads = new Reads(connectionOf(source));
  onTestFinished(() => reads.close());
  return reads;
}

/** Notes from which connection each call comes. */
function noting(peers: string[]): NonNullable<Behaviour['machine']> {
  return {
    version: (call, callback) => {
      peers.push(call.getPeer());
      callback(null, { messages: [{ version: { tag: 'v1.13.4' } }] });
    },
  };
}

const version = MachineService.method.version;
/** Each new connection begins with a handshake, which takes its time on a busy machine. */
const LIMIT_MS = 10_000;
const patience = { timeout: LIMIT_MS, interval: 10 };
const ask = (reads: Reads): Promise<unknown> => reads.unary(version, {}, { node, limitMs: LIMIT_MS });

describe('a mounted talosconfig that is swapped as kubelet does', () => {
  test('opens a machine that trusts only the new certificate, for reads and for acts', async () => {
    const machine = await running({
      clients: clientsAfter.ca,
      machine: { reboot: (_call, callback) => callback(null, {}) },
    });
    const file = aMountedFile(talosconfigText(authority.ca, before, [machine.port]));
    const source = sourceOf(file.path);
    const reads = readsOf(source);
    const acts = new Acts(connectionOf(source));
    const act = (): Promise<{ kind: string }> => acts.unary(node, MachineService.method.reboot, {}, LIMIT_MS);
    await expect(ask(reads)).rejects.toMatchObject({ kind: 'unreachable' });
    expect((await act()).kind).toBe('withdrawn');
    file.swap(talosconfigText(authority.ca, after, [machine.port]));
    await expect(ask(reads)).resolves.toBeDefined();
    expect((await act()).kind).toBe('done');
  });

  test('does not cut off a stream under way, and leaves the old connection when it has ended', async () => {
    const peers: string[] = [];
    let finish: () => void = () => undefined;
    const machine = await running({
      clients: clientsBefore.ca,
      machine: {
        ...noting(peers),
        dmesg: (call) => {
          call.write({ bytes: Buffer.from('first') });
          finish = () => {
            call.write({ bytes: Buffer.from('last') });
            call.end();
          };
        },
      },
    });
    const file = aMountedFile(talosconfigText(authority.ca, before, [machine.port]));
    const reads = readsOf(sourceOf(file.path));
    const seen: string[] = [];
    const streaming = reads.follow(MachineService.method.dmesg, {}, { node, limitMs: 20_000 }, ({ bytes }) =>
      seen.push(Buffer.from(bytes).toString()),
    );
    await vi.waitFor(() => expect(seen).toEqual(['first']), patience);
    file.swap(talosconfigText(authority.ca, await clientsBefore.client(), [machine.port]));
    await ask(reads);
    await ask(reads);
    expect(seen).toEqual(['first']);
    finish();
    await streaming;
    expect(seen).toEqual(['first', 'last']);
    // Before the stream, and twice after the swap, over one new connection.
    expect(new Set(peers).size).toBe(2);
    expect(peers[1]).toBe(peers[2]);
  });

  test('does not cut off a call that waits for its connection', async () => {
    const machine = await running({ clients: clientsBefore.ca });
    const relay = await aRelayTo(machine.port);
    onTestFinished(() => relay.close());
    relay.blackHole();
    const file = aMountedFile(talosconfigText(authority.ca, before, [relay.port]));
    const reads = readsOf(sourceOf(file.path));
    const waiting = ask(reads);
    file.swap(talosconfigText(authority.ca, await clientsBefore.client(), [relay.port]));
    const later = ask(reads);
    await vi.waitFor(() => expect(relay.connections()).toBe(2), patience);
    relay.heal();
    await expect(Promise.all([waiting, later])).resolves.toHaveLength(2);
  });

  test('keeps its connection while only asked about, without a change', async () => {
    const peers: string[] = [];
    const machine = await running({ clients: clientsBefore.ca, machine: noting(peers) });
    const text = talosconfigText(authority.ca, before, [machine.port]);
    const file = aMountedFile(text);
    const reads = readsOf(sourceOf(file.path));
    await ask(reads);
    file.swap(text);
    await ask(reads);
    expect(new Set(peers).size).toBe(1);
  });

  test('brings its new endpoints along', async () => {
    const refuse: Behaviour = {
      clients: clientsBefore.ca,
      machine: { version: (_call, callback) => callback({ code: status.INTERNAL, details: 'gone' }) },
    };
    const gone = await running(refuse);
    const machine = await running({ clients: clientsBefore.ca });
    const file = aMountedFile(talosconfigText(authority.ca, before, [gone.port]));
    const reads = readsOf(sourceOf(file.path));
    await expect(ask(reads)).rejects.toMatchObject({ kind: 'broken' });
    file.swap(talosconfigText(authority.ca, before, [machine.port]));
    await expect(ask(reads)).resolves.toBeDefined();
  });

  test('is read at most every so often, and at once when it must be', () => {
    const file = aMountedFile(talosconfigText(authority.ca, before, [1]));
    const source = sourceOf(file.path, { rereadAfterMs: DAY_MS });
    file.swap(talosconfigText(authority.ca, after, [1]));
    expect(source.current().roles).toEqual(['os:admin']);
    expect(source.reread().roles).toEqual(['os:reader']);
    expect(source.current().roles).toEqual(['os:reader']);
  });
});

const old = await clientsBefore.client({ lifetimeMs: -DAY_MS });
const foreign = await aTalosAuthority();
const unusable: readonly (readonly [what: string, text: string | null, sentence: RegExp])[] = [
  ['half written', 'contexts: [', /not valid YAML/],
  ['taken away', null, /there is no such file; make one with `talosctl config new .* --roles os:admin/],
  ['expired', talosconfigText(authority.ca, old, [1]), /crt, the client certificate, expired on/],
  ["another cluster's", talosconfigText(foreign.ca, after, [1]), /another ca, .*: restart the bot/],
];

describe('a talosconfig that was changed into something', () => {
  test.each(unusable)('%s leaves the former one in use, and says so once', (_what, text, sentence) => {
    const changes: IdentityChange[] = [];
    const good = talosconfigText(authority.ca, before, [1]);
    const file = aMountedFile(good);
    const source = sourceOf(file.path, { onChange: (change) => changes.push(change) });
    const used = source.current();
    if (text === null) file.empty();
    else file.swap(text);
    expect(source.current()).toBe(used);
    expect(source.current()).toBe(used);
    expect(changes).toEqual([{ kind: 'unusable', sentences: [expect.stringMatching(sentence)] }]);
    expect(source.stale()).toMatch(sentence);
    file.swap(good);
    expect(source.current()).toBe(used);
    expect(source.stale()).toBeNull();
  });

  test('is why nothing goes any more, once the former one has run out', async () => {
    const machine = await running({ clients: clientsBefore.ca });
    // A certificate counts in whole seconds. It must still be good when it is read, so nothing is waited for in between.
    const brief = await clientsBefore.client({ lifetimeMs: 3_000 });
    const file = aMountedFile(talosconfigText(authority.ca, brief, [machine.port]));
    const source = sourceOf(file.path);
    const reads = readsOf(source);
    file.swap('contexts: [');
    const refused = async (): Promise<void> =>
      expect(async () => ask(reads)).rejects.toMatchObject({
        code: 'EXPIRED',
        message: expect.stringMatching(/expired on .*: renew the talosconfig\. The one .* not valid YAML/),
      });
    await vi.waitFor(refused, { timeout: 10_000, interval: 100 });
    file.swap(talosconfigText(authority.ca, await clientsBefore.client(), [machine.port]));
    await expect(ask(reads)).resolves.toBeDefined();
  });

  test('and the new authority beside the old one is used: an authority is being replaced', () => {
    const file = aMountedFile(talosconfigText(authority.ca, before, [1]));
    const source = sourceOf(file.path);
    file.swap(talosconfigText(`${foreign.ca}${authority.ca}`, after, [1]));
    expect(source.current().roles).toEqual(['os:reader']);
  });
});

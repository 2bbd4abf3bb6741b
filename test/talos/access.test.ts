// What our certificate allows, asked of a machine and said in the log, sentence by sentence.
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AccessView } from '../../src/cluster/access.ts';
import type { Log, LogFields } from '../../src/engine/ports/log.ts';
import { TalosAccess } from '../../src/talos/access.ts';
import { aDeadPort, authority, type Behaviour, running, settingsFor } from './machine.ts';
import { aMountedFile, type Mounted, sourceOf, talosconfigText } from './mounted.ts';

const DAY_MS = 86_400_000;

interface Stage {
  readonly access: TalosAccess;
  readonly file: Mounted;
  readonly lines: string[];
}

async function stageOf(
  port: number,
  client: { readonly roles?: readonly string[]; readonly lifetimeMs?: number } = {},
): Promise<Stage> {
  const issued = await authority.client({ lifetimeMs: 300 * DAY_MS, ...client });
  const file = aMountedFile(talosconfigText(authority.ca, issued, [port]));
  // Nothing but a look at once would see a change.
  const source = sourceOf(file.path, { rereadAfterMs: DAY_MS });
  const lines: string[] = [];
  const noting =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  const log: Log = { info: noting('info'), warn: noting('warn'), error: noting('error') };
  const connection = { ...settingsFor([port]), current: () => source.current() };
  const access = new TalosAccess({ cluster: 'prod', source, connection, log });
  onTestFinished(() => access.close());
  return { access, file, lines };
}

/** A machine that lets our certificate read its boot id, or does not; it notes the paths asked for. */
function answering(may: boolean, paths: string[] = []): Behaviour {
  return {
    machine: {
      read: (call: ServerWritableStream<{ path: string }, object>) => {
        paths.push(call.request.path);
        if (may) {
          call.write({ bytes: Buffer.from('0d3a7f2c\n') });
          call.end();
        } else {
          call.emit('error', { code: status.PERMISSION_DENIED, details: 'not authorized' });
        }
      },
    },
  };
}

describe('our role', () => {
  test.each<[string, boolean, readonly string[], AccessView['admin']]>([
    ['granted where the machine lets us', true, ['os:admin'], 'granted'],
    ['granted even without a role, where Talos runs without roles', true, [], 'granted'],
    ['denied where the machine does not', false, ['os:admin'], 'denied'],
    ['denied to a reader', false, ['os:reader'], 'denied'],
  ])('is %s', async (_what, may, roles, admin) => {
    const paths: string[] = [];
    const machine = await running(answering(may, paths));
    const { access } = await stageOf(machine.port, { roles });
    expect(await access.seen()).toMatchObject({ roles, admin, stale: null });
    await access.seen();
    expect(paths).toEqual(['/proc/sys/kernel/random/boot_id']);
  });

  test('is asked again until a machine answered, and what the certificate says holds until then', async () => {
    const dead = await aDeadPort();
    const { access, lines } = await stageOf(dead);
    expect((await access.seen()).admin).toBe('unasked');
    expect((await access.seen()).admin).toBe('unasked');
    expect(lines).toEqual([
      expect.stringMatching(
        /^warn no machine answered when it was asked about our Talos role .* nothing listens there: the connection was refused/,
      ),
    ]);
    await running(answering(false), dead);
    expect((await access.seen()).admin).toBe('denied');
    expect(lines.length).toBeGreaterThan(1);
  });

  test('is asked again when the talosconfig was renewed', async () => {
    const paths: string[] = [];
    const machine = await running(answering(true, paths));
    const { access, file } = await stageOf(machine.port);
    await access.seen();
    file.swap(
      talosconfigText(authority.ca, await authority.client({ roles: ['os:reader'] }), [machine.port]),
    );
    expect((await access.seen()).roles).toEqual(['os:reader']);
    expect(paths).toHaveLength(2);
  });

  test('is said with what it lacks, a line for each, once', async () => {
    const machine = await running(answering(false));
    const { access, lines } = await stageOf(machine.port, { roles: ['os:operator'] });
    await access.seen();
    await access.seen();
    const said = (what: string, needs: string): string =>
      `warn our Talos role is not enough for everything ${JSON.stringify({
        cluster: 'prod',
        roles: 'os:operator',
        lack: `Our Talos role (os:operator) may not ${what}: that needs ${needs}.`,
      })}`;
    expect(lines).toEqual([
      said('read the boot id of machines before Talos 1.14', 'os:admin'),
      said('fetch a kubeconfig (name one in kubernetes.kubeconfig)', 'os:admin'),
      said('upgrade, roll back or hand over etcd leadership', 'os:admin'),
    ]);
  });
});

describe('the end of a certificate', () => {
  test.each([
    ['not said while it is far', 31 * DAY_MS, []],
    [
      'warned about from 30 days on',
      29.5 * DAY_MS,
      ['warn the client certificate of a talosconfig expires soon {"cluster":"prod","days":29}'],
    ],
    [
      'an error from two days on',
      1.5 * DAY_MS,
      [
        'error the client certificate of a talosconfig ends within two days, so nothing new is begun {"cluster":"prod","hours":35}',
      ],
    ],
  ])('is %s', async (_what, lifetimeMs, lines) => {
    expect((await stageOf(await aDeadPort(), { lifetimeMs })).lines).toEqual(lines);
  });
});

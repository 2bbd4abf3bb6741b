// A machine that was a stranger and has its certificate again is believed at the next question.
import { expect, it, onTestFinished } from 'vitest';
import { UNTRUSTED_SERVER } from '../../src/engine/ports/fault.ts';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { Reads } from '../../src/talos/reads.ts';
import { aConnection, aMachine, running } from './machine.ts';
import { aTalosAuthority } from './pki.ts';

it('is not asked through what grpc-js remembers of the stranger', async () => {
  const other = await (await aTalosAuthority()).server();
  const stranger = await aMachine({ certificate: other, clients: null });
  const reads = new Reads(aConnection([stranger.port]));
  onTestFinished(() => reads.close());
  const asked = (): Promise<unknown> => reads.unary(MachineService.method.version, {}, { node: '127.0.0.1' });
  await expect(asked()).rejects.toMatchObject({ code: UNTRUSTED_SERVER });
  stranger.stop();
  await running({}, stranger.port);
  await expect(asked()).resolves.toMatchObject({ messages: [{ version: { tag: 'v1.13.4' } }] });
});

/** MachineService, the calls that stream texts and files: Logs, Dmesg, Read, Kubeconfig. */
import { gzipSync } from 'node:zlib';
import type { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { WorldError } from '../world/error.ts';
import { type Acts, assertControlPlane, type Call, untilEnded } from './act.ts';
import { encode, sendBytes } from './bytes.ts';

type Served = Pick<Acts<typeof MachineService>, 'dmesg' | 'logs' | 'read' | 'kubeconfig'>;

export const logActs: Served = {
  dmesg: async ({ follow, tail }, { machine }, replies) => {
    const { log } = machine.parts;
    if (!(follow && tail))
      for (const line of log.lines('dmesg')) replies.send({ bytes: encode(`${line}\n`) });
    if (!follow) return;
    const stop = log.follow('dmesg', (line) => replies.send({ bytes: encode(`${line}\n`) }));
    await untilEnded(replies.ended);
    stop();
  },
  logs: async ({ namespace, id, follow, tailLines }, call, replies) => {
    if (namespace === '') throw new WorldError('INVALID_ARGUMENT', 'namespace should be set');
    const lines = linesOf(call, namespace, id);
    const wanted = tailLines < 0 ? lines : lines.slice(Math.max(0, lines.length - tailLines));
    if (wanted.length > 0) sendBytes(replies, encode(`${wanted.join('\n')}\n`));
    if (!follow) return;
    const stop =
      id === 'machined'
        ? call.machine.parts.log.follow('machined', (line) => sendBytes(replies, encode(`${line}\n`)))
        : () => undefined;
    await untilEnded(replies.ended);
    stop();
  },
  read: ({ path }, { machine }, replies) => {
    const content = machine.read(path);
    sendBytes(replies, typeof content === 'string' ? encode(content) : content);
  },
  kubeconfig: (_request, call, replies) => {
    assertControlPlane(call, 'kubeconfig');
    replies.send({ bytes: gzipSync(truncatedTar('kubeconfig', encode(call.kubeconfig()))) });
  },
};

function linesOf({ machine }: Call, namespace: string, id: string): readonly string[] {
  if (namespace === 'system' && id === 'machined') return machine.parts.log.lines('machined');
  if (namespace === 'system' && machine.services().some((service) => service.id === id)) return [];
  throw new WorldError('UNKNOWN', `log "${id}" was not registered`);
}

const TAR_BLOCK_BYTES = 512;

/** A tar as Talos writes it: never closed, so neither the padding nor the end blocks are there. */
function truncatedTar(name: string, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(TAR_BLOCK_BYTES);
  const put = (offset: number, text: string): void => header.set(encode(text), offset);
  put(0, name);
  put(100, '0000600\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${content.length.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, ' '.repeat(8));
  put(156, '0');
  put(257, 'ustar\0');
  put(263, '00');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return Buffer.concat([header, content]);
}

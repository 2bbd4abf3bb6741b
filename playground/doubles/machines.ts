// The port Machines over the simulated world, without a wire: the same answers and Faults, held to them by test/contracts.
import { type ServiceError, status } from '@grpc/grpc-js';
import { answer } from '../../src/engine/patience.ts';
import { type ActReply, Fault } from '../../src/engine/ports/fault.ts';
import type { Machines, May, ReadOptions } from '../../src/engine/ports/machines.ts';
import { endOfAct, talosFault } from '../../src/talos/fault.ts';
import { toldRollback } from '../../src/talos/machined-log.ts';
import { WorldError } from '../world/error.ts';
import type { Machine } from '../world/machine.ts';
import type { World } from '../world/world.ts';
import { inspectionOf, silentInspection } from './machine-inspection.ts';
import { machinedText, outcomeOf, tailed } from './machine-logs.ts';
import { assertControlPlane, etcdOf, failureIn, lookAt, sentenceOf } from './machine-views.ts';

/** How long a question to a machine that swallows packets goes unanswered, in milliseconds. */
const SILENCE_MS = 5_000;
/** Lines kept of an installation's end, as the adapter keeps. */
const LAST_LINES = 20;

export interface SimulatedMachinesOptions {
  /** What our certificate allows; only looking with `reader`. */
  readonly rights?: 'admin' | 'reader';
}

/** Every act has happened to the machine before its promise is returned: whoever crashes then crashes after it. */
export function simulatedMachines(world: World, options: SimulatedMachinesOptions = {}): Machines {
  const border = new Border(world, options.rights ?? 'admin');
  return {
    members: async (reading = {}) => {
      border.endpoint('Members', reading);
      return world
        .machines()
        .map(({ node }) => ({ name: node.name, addresses: [node.address], role: node.role }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    look: (address, reading = {}) =>
      border.read('Look', address, { reading, answer: (one) => lookAt(one, world) }),
    inspect: async (address, reading = {}) => {
      try {
        return await border.read('Inspect', address, { reading, answer: (one) => inspectionOf(one, world) });
      } catch (error) {
        return silentInspection(error instanceof Error ? error.message : String(error));
      }
    },
    etcd: (address, reading = {}) =>
      border.read('EtcdStatus', address, { reading, answer: (one) => etcdOf(one, world) }),
    etcdCredentials: (address) =>
      border.read('Read', address, {
        reading: {},
        answer: () => {
          border.mayAct();
          // The simulated etcd has no door of its own, so its machines keep no certificate for one.
          throw new WorldError('NOT_FOUND', 'stat /system/secrets/etcd/ca.crt: no such file or directory');
        },
      }),
    etcdSnapshot: (address, signal) => border.snapshot(address, signal),
    kubeconfig: async () => {
      border.endpoint('Kubeconfig', {});
      return `apiVersion: v1\nkind: Config\nclusters:\n  - name: ${world.settings.clusterName}\nusers:\n  - name: admin\n`;
    },
    pull: (address, image, { onProgress, signal }) =>
      border.read('Pull', address, {
        reading: { signal },
        answer: async (machine) => {
          border.mayAct();
          const sink = (seen: { offsetBytes: number; totalBytes: number }): void =>
            onProgress({ doneBytes: seen.offsetBytes, totalBytes: seen.totalBytes });
          return { reference: await machine.pull({ ref: image, place: 'system', sink }) };
        },
      }),
    install: (address, image, onLine, may) =>
      border.act('Upgrade', { address, may }, async (machine) => {
        const lastLines: string[] = [];
        const sink = (line: string): void => {
          lastLines.push(line);
          if (lastLines.length > LAST_LINES) lastLines.shift();
          onLine(line);
        };
        const running = machine.install({ ref: image, place: 'system', sink });
        if (machine.takeLostReply('Upgrade')) throw lostReply(running);
        return { exitCode: await running, lastLines };
      }),
    installOutcome: (address, sinceMs) =>
      border.read('Logs', address, { reading: {}, answer: ({ parts }) => outcomeOf(parts, sinceMs) }),
    upgradeLegacy: (address, { image, preserve, stage = false, rebootMode: mode = 'default', may }) =>
      border.act('Upgrade', { address, may }, async (machine) => {
        const order = { ref: image, preserve, stage, force: false, mode };
        const { actorId } = await machine.upgradeLegacy(order);
        return answered(machine, 'Upgrade', { actorId });
      }),
    reboot: (address, mode, may) =>
      border.act('Reboot', { address, may }, async (machine) =>
        answered(machine, 'Reboot', machine.reboot(mode)),
      ),
    rollback: (address, may) =>
      border.act('Rollback', { address, may }, async (machine) => {
        machine.rollback();
        return answered(machine, 'Rollback', null);
      }),
    rollbackArrived: (address, sinceMs, reading = {}) =>
      border.read('Logs', address, {
        reading,
        answer: ({ parts }) => toldRollback(machinedText(parts), sinceMs),
      }),
    forfeitLeadership: (address) =>
      border.read('EtcdForfeitLeadership', address, {
        reading: {},
        answer: (machine) => {
          border.mayAct();
          assertControlPlane(machine);
          return world.forfeitLeadership(machine.node.name);
        },
      }),
    watch: (address, onSentence, signal) => border.watch(address, onSentence, signal),
    tail: async (address, { lines, ...reading }) => ({
      machined: await answer(border.read('Logs', address, { reading, answer: tailed('machined', lines) })),
      kernel: await answer(border.read('Dmesg', address, { reading, answer: tailed('dmesg', lines) })),
    }),
    close: async () => undefined,
  };
}

/** Between the engine and the world: ways, rights, silence, and errors translated as the real adapter translates them. */
class Border {
  readonly #world: World;
  readonly #rights: 'admin' | 'reader';

  constructor(world: World, rights: 'admin' | 'reader') {
    this.#world = world;
    this.#rights = rights;
  }

  /** The control-plane machine that would proxy. Throws Fault `unreachable` when none is left. */
  endpoint(method: string, { avoid }: ReadOptions): Machine {
    const ways = this.#world.machines().filter((one) => one.node.role === 'control-plane' && answers(one));
    const way = ways.find((one) => one.node.address !== avoid);
    if (way === undefined)
      throw new Fault('unreachable', `${method} failed: no endpoint answers.`, { code: 'UNAVAILABLE' });
    return way;
  }

  async read<T>(
    method: string,
    address: string,
    {
      reading,
      answer,
    }: { readonly reading: ReadOptions; readonly answer: (machine: Machine) => T | Promise<T> },
  ): Promise<T> {
    try {
      const machine = this.#reach(method, address, reading);
      if (machine === 'silent') return await this.#silence(method, address, reading.signal);
      return await untilGivenUp(method, answer(machine), reading.signal);
    } catch (error) {
      throw fault(error, method, address);
    }
  }

  /** In chunks, as the real server sends it. */
  async *snapshot(address: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    yield* await this.read('EtcdSnapshot', address, {
      reading: { signal },
      answer: (machine) => {
        this.mayAct();
        assertControlPlane(machine);
        return this.#world.etcdSnapshot(machine.node.name);
      },
    });
  }

  async act<T>(
    method: string,
    { address, may }: { readonly address: string; readonly may?: May | undefined },
    act: (machine: Machine) => Promise<T>,
  ): Promise<ActReply<T>> {
    let machine: Machine;
    try {
      const reached = this.#reach(method, address, {});
      machine = reached === 'silent' ? await this.#silence(method, address) : reached;
    } catch (error) {
      return { kind: 'withdrawn', fault: fault(error, method, address) };
    }
    if (may?.() === false) {
      const sentence = `${method} of ${address} was not sent: what allowed it does not hold any more.`;
      return { kind: 'withdrawn', fault: new Fault('unreachable', sentence) };
    }
    try {
      this.mayAct();
      if (machine.takeLostCall(method)) throw lostReply(Promise.resolve());
      return { kind: 'done', value: await act(machine) };
    } catch (error) {
      const kind = error instanceof WorldError ? endOfAct(onTheWire(error)) : 'lost';
      return { kind, fault: fault(error, method, address) };
    }
  }

  /** Until the signal aborts or the machine loses its connections; never rejects. */
  watch(address: string, onSentence: Parameters<Machines['watch']>[1], signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const machine = this.#world.find(address);
      if (machine === undefined || !answers(machine) || signal.aborted) {
        resolve();
        return;
      }
      const ends = [
        machine.parts.events.subscribe(({ event, actorId }) => {
          const sentence = sentenceOf(event);
          if (sentence !== null) onSentence(sentence, failureIn(event, actorId));
        }),
        machine.onListening(() => over()),
      ];
      const over = (): void => {
        for (const end of ends) end();
        signal.removeEventListener('abort', over);
        resolve();
      };
      signal.addEventListener('abort', over, { once: true });
    });
  }

  mayAct(): void {
    if (this.#rights === 'reader') throw new WorldError('PERMISSION_DENIED', 'not authorized');
  }

  #reach(method: string, address: string, reading: ReadOptions): Machine | 'silent' {
    const machine = this.#world.find(address);
    if (machine === undefined)
      throw new Fault('unreachable', `${method} of ${address} failed: no such machine.`);
    // A machine that is being taken down may answer for itself when nobody else is left.
    const itself = reading.route === 'direct' || (reading.avoid === address && answers(machine));
    if (!itself) this.endpoint(method, reading);
    machine.assertUp();
    if (machine.parts.knobs.unreachable) return 'silent';
    if (machine.status().stage === 'maintenance')
      throw new Fault('broken', `${method} of ${address} failed: is it in maintenance mode?`, {
        code: 'UNTRUSTED_SERVER',
      });
    return machine;
  }

  #silence(method: string, address: string, signal?: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => {
      const give = (): void => {
        cancel();
        signal?.removeEventListener('abort', give);
        reject(
          new Fault('unreachable', `${method} of ${address} was not answered in time.`, {
            code: 'DEADLINE_EXCEEDED',
          }),
        );
      };
      const cancel = this.#world.clock.after(SILENCE_MS, give);
      signal?.addEventListener('abort', give, { once: true });
    });
  }
}

function answers(machine: Machine): boolean {
  return machine.listening && !machine.parts.knobs.unreachable && machine.status().stage !== 'maintenance';
}

/** An aborted signal ends the waiting, not what the machine does. */
function untilGivenUp<T>(method: string, answer: T | Promise<T>, signal?: AbortSignal): Promise<T> {
  const answering = Promise.resolve(answer);
  if (signal === undefined) return answering;
  return new Promise((resolve, reject) => {
    const giveUp = (): void =>
      reject(new Fault('unreachable', `${method} was given up.`, { code: 'CANCELLED' }));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    answering.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** The act was done, and its answer goes where an injected fault sends it. */
function answered<T>(machine: Machine, method: string, value: T): T {
  if (machine.takeLostReply(method)) throw lostReply(Promise.resolve());
  return value;
}

function lostReply(running: Promise<unknown>): Fault {
  running.catch(() => undefined);
  return new Fault('unreachable', 'the connection broke before the answer came.', { code: 'UNAVAILABLE' });
}

function fault(error: unknown, method: string, address: string): Fault {
  const told = error instanceof WorldError ? onTheWire(error) : error;
  return talosFault(told, { method, node: address, via: 'the simulated world' });
}

/** The world's error as grpc-js would hand it to the adapter. */
function onTheWire(error: WorldError): Pick<ServiceError, 'code' | 'details'> & Error {
  return Object.assign(new Error(error.message), { code: status[error.code], details: error.message });
}

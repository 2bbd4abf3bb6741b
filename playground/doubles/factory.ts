// The port ImageFactory over the simulated factory, without a wire: the same answers and Faults, held to them by test/contracts.
import { parse, stringify } from 'yaml';
import type { ImageSeen } from '../../src/cluster/image.ts';
import type { ImageFactory } from '../../src/engine/ports/factory.ts';
import { releasesFault, statusFault } from '../../src/releases/fault.ts';
import { BUSY_TEXT } from '../factory/shelf.ts';
import { isPublished, parseImage } from '../world/image.ts';
import type { World } from '../world/world.ts';

/** Every host is this one factory, but for ghcr.io. */
export function simulatedFactory(world: World): ImageFactory {
  const { shelf } = world;
  const asked = <T>(registry: string, doing: string, found: () => T | null, said: string): T => {
    if (shelf.knobs.unavailable) throw statusFault(503, { host: registry, doing, said: BUSY_TEXT });
    const answer = found();
    if (answer === null) throw statusFault(404, { host: registry, doing, said });
    return answer;
  };
  return {
    versions: async (registry) => asked(registry, 'to list versions', () => shelf.versions(), ''),
    schematic: async (registry, id) =>
      parse(
        asked(registry, `to show schematic ${id}`, () => shelf.schematic(id), `schematic "${id}" not found`)
          .text,
      ),
    createSchematic: async (registry, data) => {
      const doing = 'to take a schematic';
      return asked(
        registry,
        doing,
        () => {
          try {
            return shelf.put(stringify(data)).id;
          } catch (error) {
            throw statusFault(400, { host: registry, doing, said: String(error) });
          }
        },
        '',
      );
    },
    extensions: async (registry, version) =>
      asked(
        registry,
        `to list the extensions of Talos ${version}`,
        () => shelf.extensions(version),
        `version ${version} not found`,
      ),
    manifest: (ref, options = {}) => manifest(world, ref, options),
    close: async () => undefined,
  };
}

async function manifest(
  world: World,
  ref: string,
  { limitMs, signal }: { readonly limitMs?: number; readonly signal?: AbortSignal },
): Promise<ImageSeen> {
  const image = parseImage(ref);
  if (ref.startsWith('ghcr.io/'))
    return isPublished(image)
      ? { kind: 'exists', digest: image.digest }
      : { kind: 'missing', why: 'manifest unknown' };
  const [host = '', name = '', schematic = ''] = image.repository.split('/');
  const shelved = world.shelf.image(ref, { name, schematic, tag: image.version });
  const at = { host, doing: `to show ${ref}` };
  if (shelved.kind === 'refused') {
    if (shelved.status === 400 || shelved.status === 404) return { kind: 'missing', why: shelved.text };
    throw statusFault(shelved.status, { ...at, said: shelved.text });
  }
  const late = limitMs !== undefined && shelved.buildMs > limitMs;
  const ended = await waited(world, Math.min(shelved.buildMs, limitMs ?? shelved.buildMs), signal);
  if (!ended) throw releasesFault(new DOMException('given up', 'AbortError'), at);
  // The build goes on when nobody waits for it any more.
  world.shelf.built(ref);
  if (late) throw releasesFault(new DOMException('too late', 'TimeoutError'), at);
  return { kind: 'exists', digest: shelved.digest };
}

/** False when the signal aborts first. */
function waited({ clock }: World, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (ms === 0 && signal?.aborted !== true) return Promise.resolve(true);
  return new Promise((resolve) => {
    const giveUp = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', giveUp);
      resolve(true);
    });
    if (signal?.aborted === true) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  });
}

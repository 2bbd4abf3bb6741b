// The port ImageFactory over HTTP: Image Factories and the registries beside them.
import { parse, stringify } from 'yaml';
import type { ImageSeen } from '../cluster/image.ts';
import type { SchematicData } from '../cluster/schematic.ts';
import type { ImageFactory, OfficialExtension } from '../engine/ports/factory.ts';
import { Fault } from '../engine/ports/fault.ts';
import { Slots } from '../engine/slots.ts';
import { statusFault } from './fault.ts';
import { Http, isLoopback, type Question } from './http.ts';
import { Memory } from './memory.ts';
import { askManifest } from './registry.ts';

export interface FactoryOptions {
  /** Where a registry's host is really asked, e.g. a mirror: from host to a URL without a slash at the end. */
  readonly mirrors?: Readonly<Record<string, string>>;
  /** Refuses every address that is not loopback, redirects included. */
  readonly onlyLoopback?: boolean;
  /** Milliseconds before each further try of a question that found nobody. */
  readonly pausesMs?: readonly number[];
  /** Milliseconds that only grow: the age of what is remembered. */
  readonly monotonic?: () => number;
}

/** Lists and schematics are answered from a cache on the other side. */
const READ_LIMIT_MS = 15_000;
/** Building an image for the first time takes the factory minutes, for both architectures (talos-api.md 8.2). */
const BUILD_LIMIT_MS = 600_000;
/** Images in flight over all plans of a cluster: each may be a build on a machine that serves the whole world. */
const MANIFESTS_AT_A_TIME = 4;
const MOST_REMEMBERED = 200;
/** The factory itself looks for new versions every 15 minutes. */
const VERSIONS_MS = 300_000;
/** Extensions of a released version, and schematics by the hash of their content, do not change. */
const FIXED_MS = 3_600_000;
/** An image that exists may be built again under its tag, though nobody should. */
const IMAGE_MS = 600_000;

/** Dials nothing before it is asked. */
export function imageFactory(options: FactoryOptions = {}): ImageFactory {
  const { mirrors = {}, onlyLoopback = false, monotonic = () => performance.now() } = options;
  const http = new Http({
    onlyLoopback,
    ...(options.pausesMs === undefined ? {} : { pausesMs: options.pausesMs }),
  });
  const baseOf = (host: string): string => mirrors[host] ?? `${schemeOf(host)}://${host}`;
  const memory = <T>(keepMs: number): Memory<T> => new Memory({ most: MOST_REMEMBERED, keepMs, monotonic });
  const versions = memory<readonly string[]>(VERSIONS_MS);
  const extensions = memory<readonly OfficialExtension[]>(FIXED_MS);
  const schematics = memory<SchematicData>(FIXED_MS);
  const images = memory<ImageSeen>(IMAGE_MS);
  const slots = new Slots(MANIFESTS_AT_A_TIME);
  const read = (registry: string, path: string, doing: string): Promise<string> =>
    successOf(http, {
      method: 'GET',
      url: new URL(`${baseOf(registry)}${path}`),
      doing,
      limitMs: READ_LIMIT_MS,
    });
  return {
    versions: (registry) =>
      versions.of(registry, async () =>
        versionsIn(await read(registry, '/versions', 'to list versions'), registry),
      ),
    schematic: (registry, id) =>
      schematics.of(`${registry} ${id}`, async () => {
        if (!/^[0-9a-f]{64}$/.test(id)) throw new Fault('missing', `${id} is not the id of a schematic.`);
        return schematicIn(await read(registry, `/schematics/${id}`, `to show schematic ${id}`), registry);
      }),
    createSchematic: async (registry, data) => {
      const url = new URL(`${baseOf(registry)}/schematics`);
      const headers = { 'content-type': 'application/yaml' };
      const doing = 'to take a schematic';
      const question = {
        method: 'POST',
        url,
        doing,
        headers,
        body: stringify(data),
        limitMs: READ_LIMIT_MS,
      } as const;
      return idIn(await successOf(http, question), registry);
    },
    extensions: (registry, version) =>
      extensions.of(`${registry} ${version}`, async () => {
        const path = `/version/${encodeURIComponent(version)}/extensions/official`;
        return extensionsIn(
          await read(registry, path, `to list the extensions of Talos ${version}`),
          registry,
        );
      }),
    manifest: (image, { signal, limitMs = BUILD_LIMIT_MS } = {}) =>
      images.of(
        image,
        () =>
          slots.run(() =>
            askManifest(http, { image, baseOf, limitMs, ...(signal === undefined ? {} : { signal }) }),
          ),
        // What is missing now may be built, pushed or released in a minute.
        (seen) => seen.kind === 'exists',
      ),
    close: () => http.close(),
  };
}

/** As container runtimes do: only a registry on this machine is asked without TLS. */
function schemeOf(host: string): 'http' | 'https' {
  return isLoopback(host.replace(/:\d+$/, '')) ? 'http' : 'https';
}

async function successOf(http: Http, question: Question): Promise<string> {
  const { status, body } = await http.ask(question);
  if (status >= 200 && status < 300) return body;
  throw statusFault(status, { host: question.url.host, doing: question.doing, said: body });
}

function versionsIn(body: string, registry: string): readonly string[] {
  const parsed = fromJson(body, registry);
  if (!Array.isArray(parsed) || !parsed.every((one) => typeof one === 'string'))
    throw nonsense(registry, 'no list of versions');
  return parsed;
}

function extensionsIn(body: string, registry: string): readonly OfficialExtension[] {
  const parsed = fromJson(body, registry);
  if (!Array.isArray(parsed)) throw nonsense(registry, 'no list of extensions');
  return parsed.map((one: unknown): OfficialExtension => {
    const name: unknown = Reflect.get(Object(one), 'name');
    const description: unknown = Reflect.get(Object(one), 'description');
    if (typeof name !== 'string') throw nonsense(registry, 'an extension without a name');
    return { name, description: typeof description === 'string' ? description : '' };
  });
}

function schematicIn(body: string, registry: string): SchematicData {
  let parsed: unknown;
  try {
    parsed = parse(body);
  } catch (error) {
    throw nonsense(registry, 'a schematic that is no YAML', error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw nonsense(registry, 'something that is no schematic');
  return { ...parsed };
}

function idIn(body: string, registry: string): string {
  const id: unknown = Reflect.get(Object(fromJson(body, registry)), 'id');
  // The id becomes part of an image's name.
  if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id)) throw nonsense(registry, 'no id of a schematic');
  return id;
}

function fromJson(body: string, registry: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw nonsense(registry, 'something that is no JSON', error);
  }
}

function nonsense(registry: string, what: string, cause?: unknown): Fault {
  return new Fault('broken', `${registry} answered with ${what}.`, cause === undefined ? {} : { cause });
}

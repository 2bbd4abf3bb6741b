// Shows exhibits one after another to plans that touch nothing.
import type { Troupe } from '../troupe.ts';
import { type Answer, check, found, missesOf, plan } from './answer.ts';
import { A_FOLLOWER, type Exhibit, type Fault, type Given } from './exhibit.ts';

/** Each in turn: found with its fault, and neither before nor after it. Gives a sentence for each thing that is not so. */
export async function showAll(
  troupe: Troupe,
  target: string,
  { exhibits, given }: { readonly exhibits: readonly Exhibit[]; readonly given: Given },
): Promise<readonly string[]> {
  const quiet = await plan(troupe, target);
  const misses: string[] = [];
  let configured: Exhibit['configuration'];
  for (const exhibit of exhibits) {
    // Each is a start of the bot, so it goes straight from one to the next.
    if (given === 'faults' && exhibit.configuration !== configured) {
      configured = exhibit.configuration;
      await troupe.stage.reconfigure(configured);
    }
    const { check: name, asked = target } = exhibit;
    if (exhibit.asked === undefined && found(quiet, exhibit) !== null)
      misses.push(`${name}: is found without its fault`);
    else if (given === 'nothing') misses.push(...missesOf(quiet, exhibit));
    else misses.push(...missesOf(await withFault(troupe, exhibit, asked), exhibit));
  }
  if (configured !== undefined) await troupe.stage.reconfigure();
  const after = await plan(troupe, target);
  const left = exhibits.filter((one) => one.asked === undefined && found(after, one) !== null);
  return [...misses, ...left.map((one) => `${one.check}: is still found after its fault was healed`)];
}

async function withFault(troupe: Troupe, exhibit: Exhibit, asked: string): Promise<Answer> {
  const { stage } = troupe;
  const { fault, credentials } = exhibit;
  if (credentials !== undefined) await stage.renewTalosconfig(credentials);
  if (fault !== undefined) await put(troupe, fault);
  const answer = await plan(troupe, asked);
  if (fault !== undefined) await heal(troupe, fault.name);
  if (credentials !== undefined) await stage.renewTalosconfig();
  return answer;
}

/** Lines of an answer that people still read. */
const READABLE = 12;

/** Without Kubernetes the machines are still looked at, and what nobody knows is said once. */
export async function showDarkness(troupe: Troupe, target: string): Promise<readonly string[]> {
  const fault = 'kubernetes-away';
  await put(troupe, { name: fault });
  const answers = [await plan(troupe, target), await check(troupe)];
  await heal(troupe, fault);
  return answers.flatMap(({ lines }) => {
    const dark = lines.filter(({ text }) => text.includes('nothing is known about'));
    return [
      ...(dark.length === 1 && dark[0]?.level === 'unknown'
        ? []
        : [`${dark.length} lines say what is not known`]),
      ...(lines.length <= READABLE ? [] : [`without Kubernetes the answer has ${lines.length} findings`]),
    ];
  });
}

/** The same faults are found by whoever only wants to know how the cluster is. */
export async function showChecks(troupe: Troupe, exhibits: readonly Exhibit[]): Promise<readonly string[]> {
  const quiet = await check(troupe);
  const misses = quiet.text.includes('`legal-hop`') ? [] : ['a check does not say what it did not ask'];
  for (const exhibit of exhibits) {
    if (found(quiet, exhibit) !== null) misses.push(`a check finds ${exhibit.check} without its fault`);
    if (exhibit.fault === undefined) continue;
    await put(troupe, exhibit.fault);
    misses.push(...missesOf(await check(troupe), exhibit).map((miss) => `by a check, ${miss}`));
    await heal(troupe, exhibit.fault.name);
  }
  return misses;
}

export async function put(troupe: Troupe, fault: Fault): Promise<void> {
  const { world } = troupe.stage.cluster;
  await troupe.until('etcd to have a leader', () => world.snapshot().etcd.leader !== null);
  const { leader } = world.snapshot().etcd;
  const node = fault['node'] === A_FOLLOWER ? { node: leader === 'cp-2' ? 'cp-1' : 'cp-2' } : {};
  await troupe.stage.slack.fault({ ...fault, ...node });
}

export async function heal(troupe: Troupe, fault: string): Promise<void> {
  await troupe.stage.slack.fault({ name: 'heal', fault });
  await allBack(troupe);
}

export function allBack(troupe: Troupe): Promise<void> {
  return troupe.until('the nodes to be well again', () =>
    troupe.stage.cluster.world.snapshot().nodes.every((node) => node.back),
  );
}

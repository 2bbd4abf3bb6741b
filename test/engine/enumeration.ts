// Every crash point of a story: right before and right behind each write to the journal and each acting call, one play for each.
import type { CrashPoint } from './crash.ts';
import type { Scene } from './scene.ts';
import { doubtedWrongly, killedAt, played, type Story } from './story.ts';

export interface Enumerated {
  readonly points: number;
  readonly failed: readonly string[];
  /** Points that ended held in doubt, and those that should. */
  readonly held: readonly string[];
  readonly doubtful: readonly string[];
}

interface Point extends CrashPoint {
  readonly name: string;
  /** Whether nobody can know if a call that may be sent once was sent: it was written down that it would be, and is not made yet. */
  readonly doubtful: boolean;
}

/** Facts about what may be sent once, and the call itself; each names the node. */
const ONCE = /step-(begun|withdrawn) (\d+-(\S+?)-(?:install|reboot|rollback|upgrade-legacy))(?= |$)/g;
const SENT = /^(?:install|reboot|rollback|upgradeLegacy) (\S+)$/;

/** Kills the process at every point of the story; every one must be reached and survived. */
export async function everyPoint(story: Story): Promise<Enumerated> {
  const calm = await played(story);
  if (calm.wrong.length > 0) return { points: 0, failed: calm.wrong, held: [], doubtful: [] };
  const points = pointsOf(calm.scene);
  const failed: string[] = [];
  const held: string[] = [];
  for (const point of points) {
    const { scene, wrong } = await played(story, killedAt([point]));
    if (scene.facts('step-doubted').length > 0) held.push(point.name);
    const all = [...wrong, ...doubtedWrongly(scene), ...notKilled(scene, point)];
    if (all.length > 0) failed.push(`${point.name}: ${all.join('; ')}`);
  }
  console.log(
    `${story.name}: ${points.length - failed.length} of ${points.length} crash points, ${held.length} of them held in doubt until a person said "again"`,
  );
  const doubtful = points.filter((point) => point.doubtful).map(({ name }) => name);
  return { points: points.length, failed, held, doubtful };
}

function pointsOf(scene: Scene): readonly Point[] {
  // An append that came too late, because a person was quicker, began nothing.
  const begun = new Set(scene.facts('step-begun').map(({ step }) => step));
  const unsent = new Set<string>();
  return scene.audit.effects.flatMap(({ n: at, name }): readonly Point[] => {
    const before = { at, when: 'before', name: `before ${name}`, doubtful: unsent.size > 0 } as const;
    for (const [, fact, step = '', node = ''] of name.matchAll(ONCE))
      if (fact === 'begun' && begun.has(step)) unsent.add(node);
      else unsent.delete(node);
    const [, sent] = SENT.exec(name) ?? [];
    if (sent !== undefined) unsent.delete(sent);
    return [before, { at, when: 'after', name: `after ${name}`, doubtful: unsent.size > 0 }];
  });
}

/** Whoever was to die there did, and it was that effect: up to there every play is the same. */
function notKilled({ audit, house }: Scene, { at, when, name }: Point): readonly string[] {
  const effect = audit.effects[at - 1];
  if (effect === undefined || `${when} ${effect.name}` !== name)
    return [`it came to ${effect?.name ?? 'less'}`];
  return house.living.some(({ owner }) => owner === effect.owner) ? ['nobody died there'] : [];
}

/** All stories of a file together; none may be left out, or have no points. */
export class Tally {
  readonly #of: readonly Story[];
  readonly #found = new Map<string, Enumerated>();

  constructor(of: readonly Story[]) {
    this.#of = of;
  }

  async every(story: Story): Promise<Enumerated> {
    const found = await everyPoint(story);
    this.#found.set(story.name, found);
    return found;
  }

  /** Names of stories in which nobody was killed. */
  get untried(): readonly string[] {
    return this.#of.map(({ name }) => name).filter((name) => (this.#found.get(name)?.points ?? 0) === 0);
  }

  /** `1810 of 1810 crash points in 9 stories`. */
  get sentence(): string {
    const all = [...this.#found.values()];
    const points = all.reduce((sum, one) => sum + one.points, 0);
    const survived = points - all.reduce((sum, { failed }) => sum + failed.length, 0);
    return `${survived} of ${points} crash points in ${this.#of.length} stories`;
  }
}

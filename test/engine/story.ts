// A story that must come to its end whatever dies on the way: played with a process killed at chosen points.
import type { Entry } from '../../src/rollout/event.ts';
import { type CrashPoint, crashing, patient } from './crash.ts';
import { actsIn, uncounted } from './heard.ts';
import type { People, Scene } from './scene.ts';

export interface Story {
  readonly name: string;
  /** A fresh scene, ready to be asked. */
  readonly open: () => Promise<Scene>;
  /** Who presses what; by default they are patient. */
  readonly people?: (scene: Scene) => People;
  /** Several acts are in flight at once, so a crash at one of them may leave another in doubt. */
  readonly sideBySide?: true;
  readonly outcome: 'upgraded' | 'rolled-back' | 'disarmed' | 'aborted' | 'denied' | 'blocked';
  /** What else is wrong at the end. */
  readonly alsoWrong?: (scene: Scene) => readonly string[];
  /** How often each counted call was made at the end, on each node that is named. */
  readonly expected: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface Played {
  readonly scene: Scene;
  readonly wrong: readonly string[];
}

/** Plays a story; `disturb` may put something into its way. Returns what is wrong with how it went. */
export async function played(
  story: Story,
  disturb: (scene: Scene) => void = () => undefined,
): Promise<Played> {
  const scene = await story.open();
  const found = actsIn(scene);
  scene.people = story.people?.(scene) ?? patient;
  disturb(scene);
  scene.start();
  const wrong: string[] = [];
  try {
    await scene.plays();
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  scene.audit.close();
  const { phase } = scene.rollout;
  const ended = phase.phase === 'finished' ? phase.outcome : phase.phase;
  if (ended !== story.outcome) wrong.push(`it ended ${ended}\n${scene.story()}`);
  for (const [what, nodes] of Object.entries(story.expected)) {
    const counted = scene.counted(what as Parameters<Scene['counted']>[0]);
    for (const [node, times] of Object.entries(nodes))
      if (counted[node] !== times) wrong.push(`${what} of ${node}: ${counted[node]}, not ${times}`);
  }
  const unheard = uncounted(scene, found);
  return { scene, wrong: [...wrong, ...unheard, ...(story.alsoWrong?.(scene) ?? []), ...scene.audit.broken] };
}

export const killedAt =
  (crashes: readonly CrashPoint[]) =>
  (scene: Scene): void => {
    for (const crash of crashes) scene.tap(crashing(scene, crash));
  };

/** What may be in doubt at all: nothing but what may be sent once. */
export function doubtedWrongly({ audit }: Scene): readonly string[] {
  return audit.entries
    .map(({ event }: Entry) => event)
    .flatMap((event) => (event.kind === 'step-doubted' ? [event.step] : []))
    .filter((step) => !/-(install|reboot|rollback|upgrade-legacy)$/.test(step));
}

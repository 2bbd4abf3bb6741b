// What Slack brings a second time acts once, upon what it was about the first time: the first answer stands, also when it was a no.
import { describe, expect, it } from 'vitest';
import { MemoryDeliveries } from '../../playground/doubles/deliveries.ts';
import { MemoryJournal } from '../../playground/doubles/store.ts';
import { ManualClock } from '../../playground/world/clock.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { AppendReply, AppendRequest } from '../../src/engine/ports/journal.ts';
import { type Addressee, type Submitted, submitter } from '../../src/engine/submit.ts';
import type { Actor } from '../../src/rollout/event.ts';
import type { Intent } from '../../src/rollout/intent.ts';
import { APPROVER, aPolicy, REQUESTER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

const DRIVER: Actor = { kind: 'driver', name: 'w1' };
const TYPED: Addressee = { cluster: 'prod', rollout: null };

/** The door over one store, whose next appends may be lost. */
class Door {
  readonly #clock = new ManualClock();
  readonly journal = new MemoryJournal(this.#clock);
  readonly deliveries = new MemoryDeliveries(this.#clock, this.journal);
  /** What becomes of the next appends of people; then all is well again. */
  readonly troubles: ((append: () => Promise<AppendReply>) => Promise<AppendReply>)[] = [];

  readonly submit = submitter({
    journal: Object.assign(Object.create(this.journal), {
      read: this.journal.read.bind(this.journal),
      claimOf: this.journal.claimOf.bind(this.journal),
      append: (request: AppendRequest) => {
        const trouble = this.troubles.shift();
        return trouble === undefined
          ? this.journal.append(request)
          : trouble(() => this.journal.append(request));
      },
    }),
    deliveries: this.deliveries,
    bells: { ring: async () => undefined },
    clock: { now: () => this.#clock.now(), monotonic: () => 0, sleep: async () => undefined },
    policyOf: () => aPolicy({ parallelWorkers: 2 }),
  });

  /** Puts a told story into the journal, from where it stopped the last time. */
  async tell(story: RolloutStory): Promise<void> {
    const { cluster, id: rollout } = story;
    const expect = (await this.journal.read(cluster, rollout)).length;
    const events = story.entries.slice(expect).map(({ event }) => event);
    const ends = events.at(-1)?.kind === 'finished';
    const claim = ends ? ('give' as const) : ('take' as const);
    await this.journal.append({ cluster, rollout, expect, events, by: DRIVER, claim });
  }

  says(intent: Intent, to: Addressee = TYPED, delivery = 'd1'): Promise<Submitted> {
    return this.submit(to, { intent, user: REQUESTER, delivery });
  }

  everything(): readonly string[] {
    return ['rfirst', 'rsecond', 'rasked'].flatMap((rollout) => this.journal.linesOf('prod', rollout));
  }
}

const first = (): RolloutStory => aRollout({ id: 'rfirst' }).underWay().node('worker-1', 'drain');
const second = (): RolloutStory => aRollout({ id: 'rsecond' }).underWay();
const ASK: Intent = {
  ...{ kind: 'ask', rollout: 'rasked', cluster: 'prod', channel: 'C0PLATFORM' },
  goal: { kind: 'upgrade-talos', version: 'v1.13.5' },
};

/** What is said, upon what, how it is answered, and what happens before Slack brings it again. */
interface Case {
  readonly intent: Intent;
  readonly to?: Addressee;
  readonly at?: () => RolloutStory;
  readonly answer: string;
  readonly next: (story: RolloutStory) => readonly RolloutStory[];
}

const held = (story: RolloutStory): RolloutStory => story.failed('worker-1', 'drain');

const CASES: Readonly<Record<string, Case>> = {
  'a skip that was refused, once it is held': {
    ...{ intent: { kind: 'skip' }, at: first, answer: 'wrong-phase' },
    next: (story) => [held(story)],
  },
  'a retry that was refused, once it is held': {
    ...{ intent: { kind: 'retry' }, at: first, answer: 'wrong-phase' },
    next: (story) => [held(story)],
  },
  'a resume that was refused, once it is paused': {
    ...{ intent: { kind: 'resume' }, at: first, answer: 'wrong-phase' },
    next: (story) => [story.paused()],
  },
  'a resume pressed without an occasion, once it is paused': {
    ...{ intent: { kind: 'resume' }, to: { cluster: 'prod', rollout: 'rfirst' } },
    ...{ at: first, answer: 'wrong-phase', next: (story) => [story.paused()] },
  },
  'a pause that was so already, once it was resumed': {
    ...{ intent: { kind: 'pause' }, answer: 'already' },
    at: () => aRollout({ id: 'rfirst' }).underWay().paused(),
    next: (story) => [story.resumed()],
  },
  'an abort that was taken, once another rollout has the cluster': {
    ...{ intent: { kind: 'abort' }, at: first, answer: 'taken' },
    next: (story) => [story.aborted(REQUESTER).finished('aborted'), second()],
  },
  'an abort when nothing ran, once something does': {
    ...{ intent: { kind: 'abort' }, answer: 'unknown-rollout', next: () => [second()] },
  },
  'a pause of what is not there, once it is': {
    ...{ intent: { kind: 'pause' }, to: { cluster: 'prod', rollout: 'rsecond' } },
    ...{ answer: 'unknown-rollout', next: () => [second()] },
  },
  'an ask that was refused, once the cluster is free': {
    ...{ intent: ASK, to: { cluster: 'prod', rollout: 'rasked' }, at: first, answer: 'claimed' },
    next: (story) => [story.aborted().finished('aborted')],
  },
};

const wordOf = (said: Submitted): string => (said.kind === 'refusal' ? said.code : said.kind);

describe('what Slack brings again', () => {
  it.each(Object.entries(CASES))('%s, is answered as before and changes nothing', async (_what, asked) => {
    const door = new Door();
    const story = asked.at?.() ?? aRollout({ id: 'rfirst' });
    if (asked.at !== undefined) await door.tell(story);
    const one = await door.says(asked.intent, asked.to);
    expect(wordOf(one)).toBe(asked.answer);
    // What was taken stands in the journal already: the story goes on after it.
    for (const next of asked.next(story)) await door.tell(next);
    const before = door.everything();
    const two = await door.says(asked.intent, asked.to);
    expect(door.everything()).toEqual(before);
    if (one.kind === 'refusal') expect(two).toEqual(one);
    else expect(two).toMatchObject({ kind: 'already', written: one.written });
  });

  it.each([
    [
      'so already',
      'already',
      (story: RolloutStory) => story.paused(),
      (story: RolloutStory) => story.resumed(),
    ],
    [
      'refused',
      'wrong-phase',
      (story: RolloutStory) => held(story),
      (story: RolloutStory) => story.retried(story.step('worker-1', 'drain').id),
    ],
  ] as const)(
    'is answered as before, also when it came to be %s while it was written down',
    async (...row) => {
      const [, answer, quicker, later] = row;
      const door = new Door();
      const story = first();
      await door.tell(story);
      door.troubles.push(async (append) => {
        await door.tell(quicker(story));
        return append();
      });
      const one = await door.says({ kind: 'pause' });
      expect(wordOf(one)).toBe(answer);
      await door.tell(later(story));
      const before = door.everything();
      expect(await door.says({ kind: 'pause' })).toEqual(one);
      expect(door.everything()).toEqual(before);
    },
  );

  it('is another word when it is another delivery', async () => {
    const door = new Door();
    const story = first();
    await door.tell(story);
    expect(await door.says({ kind: 'skip' })).toMatchObject({ code: 'wrong-phase' });
    await door.tell(held(story));
    expect(await door.says({ kind: 'skip' }, TYPED, 'd2')).toMatchObject({ kind: 'taken' });
  });
});

describe('what comes again because the process that heard it first died', () => {
  it('is taken, once', async () => {
    const door = new Door();
    await door.tell(first());
    await door.deliveries.first('prod', 'd1', 'rfirst');
    expect(await door.says({ kind: 'pause' })).toMatchObject({ kind: 'taken' });
    expect(await door.says({ kind: 'pause' })).toMatchObject({ kind: 'already', written: { events: [{}] } });
  });

  it('is about the same rollout, although another one has the cluster now', async () => {
    const door = new Door();
    const story = first();
    await door.tell(story);
    await door.deliveries.first('prod', 'd1', 'rfirst');
    await door.tell(story.aborted().finished('aborted'));
    await door.tell(second());
    expect(await door.says({ kind: 'pause' })).toMatchObject({ code: 'wrong-phase' });
    expect(door.journal.sizeOf('prod', 'rsecond')).toBe(second().entries.length);
  });

  it('is refused for what only arose since', async () => {
    const door = new Door();
    const story = first();
    await door.tell(story);
    await door.deliveries.first('prod', 'd1', 'rfirst');
    await door.tell(held(story));
    expect(await door.says({ kind: 'skip' })).toMatchObject({ code: 'wrong-phase' });
  });

  it.each([REQUESTER, APPROVER])(
    'is about the node that was held then, whoever decided that: %s',
    async (decider) => {
      const door = new Door();
      const story = aRollout({ id: 'rfirst', policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
      story.node('worker-1', 'drain').node('worker-2', 'drain');
      await door.tell(held(story).failed('worker-2', 'drain'));
      await door.deliveries.first('prod', 'd1', 'rfirst');
      await door.tell(story.skipped('worker-1', decider));
      expect(await door.says({ kind: 'skip' })).toMatchObject({
        code: 'wrong-phase',
        sentence: expect.stringContaining('That is out of date'),
      });
    },
  );
});

describe('a fault is no answer: what comes again is taken', () => {
  const lost = (code: string) => async (): Promise<never> => {
    throw new Fault('refused', 'no', { code });
  };

  it.each(['OOM', 'UNFIT_STORE', 'NOREPLICAS', 'MISCONF', 'UNACKNOWLEDGED'])('after %s', async (code) => {
    const door = new Door();
    await door.tell(first());
    door.troubles.push(lost(code));
    expect(await door.says({ kind: 'pause' })).toMatchObject({ code: 'journal-closed' });
    expect(await door.says({ kind: 'pause' })).toMatchObject({ kind: 'taken' });
  });

  it('but not twice when it had been written down after all', async () => {
    const door = new Door();
    await door.tell(first());
    door.troubles.push(async (append) => {
      await append();
      throw new Fault('busy', 'passed on to 0 of 1', { code: 'UNACKNOWLEDGED' });
    });
    expect(await door.says({ kind: 'pause' })).toMatchObject({ code: 'journal-closed' });
    const before = door.everything();
    expect(await door.says({ kind: 'pause' })).toMatchObject({ kind: 'already', written: { events: [{}] } });
    expect(door.everything()).toEqual(before);
  });

  it.each(['first', 'answer'] as const)('also of what deliveries are remembered in: %s', async (method) => {
    const door = new Door();
    const story = first();
    await door.tell(story);
    const works = door.deliveries[method].bind(door.deliveries);
    let away = true;
    const broken = async (...args: Parameters<typeof works>) => {
      if (away) throw new Fault('unreachable', 'Redis is away');
      return Reflect.apply(works, null, args);
    };
    Object.assign(door.deliveries, { [method]: broken });
    const one = await door.says({ kind: 'skip' }).catch((error: unknown) => error);
    if (method === 'first') expect(one).toBeInstanceOf(Fault);
    else expect(one).toMatchObject({ code: 'wrong-phase' });
    away = false;
    // Without the answer it is judged as it stood then.
    if (method === 'answer') await door.tell(held(story));
    expect(await door.says({ kind: 'skip' })).toMatchObject({ code: 'wrong-phase' });
  });
});

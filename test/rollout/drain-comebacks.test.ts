// Pods that come back to a cordoned node: asked about once for their owner, and left to the restart whichever they are by then.
import { describe, expect, it } from 'vitest';
import { asking, type Blocker, isLeft } from '../../src/rollout/blockade.ts';
import { aBlocker } from '../builders/drain.ts';
import { APPROVER } from '../builders/plan.ts';
import { blocked, CACHE, OPERATOR, say, stateOf, stepOf, WEB } from './blocked-drain.ts';

const OSD = aBlocker({
  ...{ namespace: 'storage', name: 'osd-1', uid: 'osd-1', workload: 'storage/ReplicaSet osd' },
  ...{ cause: 'comes-back', budgets: [], why: 'it tolerates the cordon' },
});
const NEXT_OSD: Blocker = { ...OSD, name: 'osd-2', uid: 'osd-2' };

describe('a decision about pods that come back', () => {
  it('to leave them covers every pod of an owner whose pods come back, and of no other', () => {
    const story = blocked([OSD, WEB]);
    say(story, { choice: 'leave', user: OPERATOR });
    expect(say(story, { choice: 'leave', user: APPROVER })).toMatchObject({
      events: [{ pods: [OSD.uid, WEB.uid], workloads: [OSD.workload] }],
    });
    const covered = (blocker: Blocker): boolean => isLeft(stateOf(story), blocker);
    expect([OSD, NEXT_OSD, WEB].map(covered)).toEqual([true, true, true]);
    expect([CACHE, { ...WEB, uid: 'web-2' }].map(covered)).toEqual([false, false]);
  });

  it('to leave pods names no owner where nothing comes back', () => {
    const story = blocked([WEB]);
    say(story, { choice: 'leave', user: OPERATOR });
    const said = say(story, { choice: 'leave', user: APPROVER });
    expect(said.kind === 'decided' ? said.events.map((event) => 'workloads' in event) : []).toEqual([false]);
  });

  it('to force them is refused for pods that come back, and leaves them out beside others', () => {
    expect(say(blocked([OSD]), { choice: 'force', user: APPROVER })).toMatchObject({ code: 'wrong-phase' });
    const story = blocked([OSD, WEB]);
    say(story, { choice: 'force', user: OPERATOR });
    say(story, { choice: 'force', user: APPROVER });
    expect(stateOf(story)).toMatchObject({ forced: [WEB.uid], leftWorkloads: [] });
  });
});

describe('people are asked about pods that come back', () => {
  const asked = (before: readonly Blocker[], blockers: readonly Blocker[]) => {
    const story = blocked(before);
    return asking(story.rollout, stepOf(story), blockers)?.map(({ kind }) => kind) ?? null;
  };

  it.each<readonly [string, readonly Blocker[], readonly Blocker[], readonly string[] | null]>([
    ['not again about the next one', [OSD], [NEXT_OSD], null],
    [
      'anew about another owner’s',
      [OSD],
      [{ ...OSD, workload: 'storage/ReplicaSet mon' }],
      ['drain-blocked'],
    ],
    ['anew when one stayed before', [WEB], [{ ...WEB, cause: 'comes-back' }], ['drain-blocked']],
    ['anew when one stays now', [OSD], [{ ...OSD, cause: 'stuck' }], ['drain-blocked']],
    ['no longer when nothing comes back', [OSD], [], ['drain-cleared']],
  ])('%s', (_what, before, blockers, facts) => {
    expect(asked(before, blockers)).toEqual(facts);
  });
});

// Rollouts in every phase there is, by name: what the tests of the views render.
import { MAX_REASON } from '../../../src/bot/views/deny.ts';
import type { Finding } from '../../../src/checks/finding.ts';
import type { PathHop } from '../../../src/cluster/path.ts';
import type { Blocker } from '../../../src/rollout/blockade.ts';
import type { Journey } from '../../../src/rollout/journey.ts';
import { aBlocker } from '../../builders/drain.ts';
import { APPROVER, aFinding, aPolicy, aProof } from '../../builders/plan.ts';
import { aRollout, type RolloutStory, type StoryOptions } from '../../builders/rollout.ts';

const LONG = 'the reason is long, and somebody wrote all of it down. '.repeat(100);

const STOPS = [
  aFinding('ok'),
  aFinding('blocker', { check: 'flux', subject: 'apps', sentence: 'Kustomization apps is suspended.' }),
  aFinding('blocker', { check: 'flux', subject: 'infra', sentence: 'Kustomization infra is suspended.' }),
  aFinding('unknown', { check: 'velero', subject: 'cluster', sentence: 'Nobody knows the last backup.' }),
];
const MANY = ['flux', 'argo', 'velero', 'capacity', 'empty-dirs', 'pods-running', 'webhooks'];
const lots = (finding: Finding): readonly Finding[] =>
  names('node', 40).map((subject) => ({ ...finding, subject }));

/** Half way to 1.14, and somebody's Kubernetes comes next. */
export const JOURNEY: Journey = {
  ...{ v: 1, to: { talos: 'v1.14.1', kubernetes: null }, hop: 2, of: 6 },
  ahead: [
    { kind: 'kubernetes', to: 'v1.31.14' },
    { kind: 'talos', to: 'v1.13.9' },
  ],
};

function aHop(at: number): PathHop {
  const kind = at % 2 === 0 ? 'kubernetes' : 'talos';
  return { kind, from: `v1.${at}.9`, to: `v1.${at + 1}.9`, notesUrl: 'https://git.example/notes', why: LONG };
}

function blockedDrain(options: StoryOptions | undefined, blockers: readonly Blocker[]): RolloutStory {
  const story = aRollout(options).underWay().node('worker-1', 'drain');
  return story.append({ kind: 'drain-blocked', step: story.step('worker-1', 'drain').id, blockers });
}

function heldWhilePausing(options: StoryOptions | undefined): RolloutStory {
  return aRollout(options).underWay().node('worker-1', 'install').paused().failed('worker-1', 'install');
}

function wishedDrain(options: StoryOptions | undefined): RolloutStory {
  const story = blockedDrain(options, [aBlocker()]);
  const { id: step } = story.step('worker-1', 'drain');
  return story.append({ kind: 'drain-proposed', step, choice: 'force', user: APPROVER, delivery: 'w' });
}

type Told = (options?: StoryOptions) => RolloutStory;

const rollback: StoryOptions = { goal: { kind: 'rollback-node', node: 'cp-2' } };

/** Every phase, and every way out of it. */
export const STORIES: Readonly<Record<string, Told>> = {
  'nothing to do': (o) => aRollout(o).declined('unchanged', 'All nodes already run v1.13.5.'),
  refused: (o) => aRollout(o).declined('refused', 'v1.11.0 is older than what runs.'),
  blocked: (o) =>
    aRollout(o).declined('blocked', 'One finding must be settled.', [aFinding('blocker'), aFinding('ok')]),
  proposed: (o) => aRollout(o).planned([aFinding('ok'), aFinding('warning')]),
  'proposed without findings': (o) => aRollout(o).planned([]),
  stopped: (o) => aRollout(o).planned(STOPS),
  'stopped by many checks': (o) =>
    aRollout(o).planned(MANY.flatMap((check) => lots(aFinding('blocker', { check, sentence: LONG })))),
  'half overridden': (o) => aRollout(o).planned(STOPS).overridden('flux', ['apps', 'infra']),
  overridden: (o) =>
    aRollout(o).planned(STOPS).overridden('flux', ['apps', 'infra']).overridden('velero', ['cluster']),
  'overridden at length': (o) =>
    MANY.reduce(
      (story, check) =>
        story.append({
          ...{ kind: 'overridden', check, subjects: names('node', 300), user: APPROVER },
          ...{ reason: LONG.slice(0, 300), delivery: check },
        }),
      aRollout(o).planned(MANY.map((check) => aFinding('blocker', { check, subject: 'node-1' }))),
    ),
  'overridden and running': (o) =>
    aRollout(o)
      .planned(STOPS)
      .overridden('flux', ['apps', 'infra'])
      .overridden('velero', ['cluster'])
      .started(),
  'overridden and given up': (o) =>
    aRollout(o).planned(STOPS).overridden('flux', ['apps', 'infra']).aborted().finished('aborted'),
  cancelled: (o) => aRollout(o).planned().aborted().finished('aborted'),
  'expired as a proposal': (o) => aRollout(o).planned().append({ kind: 'expired' }).finished('expired'),
  'started by the policy': (o) => aRollout(o).planned().started(null),
  pulling: (o) => aRollout(o).planned().started(),
  installing: (o) => aRollout(o).underWay().node('worker-1', 'done').node('worker-2', 'install'),
  rebooting: (o) => aRollout(o).underWay().node('worker-1', 'reboot'),
  'coming back': (o) => aRollout(o).underWay().node('worker-1', 'return'),
  pausing: (o) => aRollout(o).underWay().node('worker-1', 'install').paused(),
  paused: (o) => aRollout(o).underWay().node('worker-1', 'done').paused(),
  resumed: (o) => aRollout(o).underWay().node('worker-1', 'done').paused().resumed(),
  held: (o) => aRollout(o).underWay().node('worker-1', 'install').failed('worker-1', 'install'),
  'held while pausing': (o) => heldWhilePausing(o),
  'retried, and still paused': (o) => {
    const story = heldWhilePausing(o);
    return story
      .retried(story.step('worker-1', 'install').id)
      .append({ kind: 'paused', user: APPROVER, stays: true, delivery: 'd' }, 0);
  },
  'held in doubt': (o) => aRollout(o).underWay().node('worker-1', 'reboot').doubted('worker-1', 'reboot'),
  'held with a long cause': (o) =>
    aRollout(o).underWay().node('worker-1', 'install').failed('worker-1', 'install', LONG),
  retried: (o) => {
    const story = aRollout(o).underWay().node('worker-1', 'install').failed('worker-1', 'install');
    return story.retried(story.step('worker-1', 'install').id);
  },
  skipped: (o) =>
    aRollout(o).underWay().node('worker-1', 'install').failed('worker-1', 'install').skipped('worker-1'),
  'aborted while held': (o) =>
    aRollout(o).underWay().node('worker-1', 'drain').failed('worker-1', 'drain').aborted(),
  'at a gate': (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .gate('cp-1'),
  'at a gate that needs two': (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .gate('cp-1', { needs: 2 })
      .approved('cp-1'),
  approved: (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .gate('cp-1')
      .approved('cp-1'),
  'staged, installing': (o) =>
    aRollout({ ...o, staged: true })
      .underWay()
      .node('worker-1', 'install'),
  'staged, at the gate of a worker': (o) =>
    aRollout({ ...o, staged: true })
      .underWay()
      .installed()
      .gate('worker-1'),
  'staged and given up': (o) =>
    aRollout({ ...o, staged: true })
      .underWay()
      .installed()
      .gate('worker-1')
      .aborted()
      .finished('aborted'),
  passed: (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .gate('cp-1')
      .approved('cp-1')
      .passed('cp-1'),
  voided: (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .gate('cp-1')
      .voided('cp-1')
      .gate('cp-1'),
  'gate with a long proof': (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .gate('cp-1', { proof: aProof({ sentence: LONG, leader: null }) }),
  withheld: (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .withheld('cp-1'),
  denied: (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .gate('cp-1')
      .denied('cp-1', LONG.slice(0, MAX_REASON))
      .finished('denied'),
  'expired at a gate': (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .gate('cp-1')
      .expiredAt('cp-1')
      .finished('expired'),
  'paused at a gate': (o) =>
    aRollout({ ...o, workers: [] })
      .underWay()
      .gate('cp-1')
      .paused(),
  'drain blocked': (o) => blockedDrain(o, [aBlocker()]),
  'drain blocked by many pods': (o) =>
    blockedDrain(
      o,
      names('pod', 12).map((uid) =>
        aBlocker({
          uid,
          name: `${uid}${'-x'.repeat(60)}`,
          why: LONG,
          cause: 'refused',
          loses: ['empty-dir'],
        }),
      ),
    ),
  'drain blocked, and somebody wants it forced': (o) => wishedDrain(o),
  'drain blocked, and two people had it forced': (o) => {
    const story = wishedDrain(o);
    const { id: step } = story.step('worker-1', 'drain');
    const both = { askedBy: APPROVER, user: 'U0MEI00003' };
    return story.append({
      ...{ kind: 'drain-decided', step, choice: 'force', pods: ['web-1'], delivery: 'd' },
      ...both,
    });
  },
  'drain blocked and aborted': (o) => blockedDrain(o, [aBlocker()]).aborted(),
  aborted: (o) => aRollout(o).underWay().node('worker-1', 'done').aborted().finished('aborted'),
  upgraded: (o) => aRollout(o).upgraded(),
  'upgraded, with hops ahead': (o) => aRollout({ ...o, journey: JOURNEY }).upgraded(),
  'upgraded, at the end of its way': (o) =>
    aRollout({ ...o, journey: { ...JOURNEY, hop: 6, ahead: [] } }).upgraded(),
  'proposed as a hop, with an estimate': (o) => {
    const story = aRollout({ ...o, journey: JOURNEY });
    const nodes = Object.fromEntries(story.plan.nodes.map(({ name }) => [name, 270_000]));
    const estimate = { upgrades: 3, typicalMs: 1_440_000, slowMs: 2_400_000, nodes };
    return story.append({ kind: 'planned', plan: story.plan, findings: [], expiresAt: 1e13, estimate });
  },
  'too far for one hop': (o) =>
    aRollout(o).append({
      ...{
        kind: 'declined',
        outcome: 'blocked',
        sentence: 'One finding must be settled.',
        findings: [aFinding('blocker')],
      },
      way: { v: 1, hops: Array.from({ length: 40 }, (_, at) => aHop(at)) },
    }),
  'rollback at a gate': (o) =>
    aRollout({ ...o, ...rollback })
      .planned()
      .started(null)
      .gate('cp-2'),
  'rolled back': (o) =>
    aRollout({ ...o, ...rollback })
      .planned()
      .started(null)
      .gate('cp-2')
      .approved('cp-2')
      .passed('cp-2')
      .node('cp-2', 'done')
      .finished('rolled-back'),
};

export const names = (kind: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${kind}-${at + 1}`);

/** 295 workers and 5 control-plane nodes with the longest names Kubernetes allows to be read. */
export const LARGE: StoryOptions = { workers: names('worker', 295), controlPlane: names('cp', 5) };

export const POLICY = aPolicy();

// Plays the legs of a series and adds them up.
import { eachOf } from '../../src/engine/bounded.ts';
import type { RunParts } from './run.ts';
import type { LegResult, Result, Scenario, Series } from './scenario.ts';

/** What playing one cluster gives. */
export type Played = Omit<LegResult, 'leg' | 'sentence'>;

/** A leg mostly waits for machines, and shares nothing with another one. */
const LEGS_AT_ONCE = 2;

export async function playSeries(
  series: Series,
  parts: RunParts,
  playLeg: (leg: Scenario, parts: RunParts) => Promise<Played>,
): Promise<Result> {
  const legs = await eachOf(series.legs, LEGS_AT_ONCE, async (leg): Promise<LegResult> => {
    parts.say(`${leg.name}: ${leg.sentence}`);
    const played = await playLeg(leg, { ...parts, say: (line) => parts.say(`${leg.name}: ${line}`) });
    return { leg: leg.name, sentence: leg.sentence, ...played };
  });
  for (const leg of legs) parts.say(summaryOf(leg));
  return { schema: 1, scenario: series.name, ...together(legs), legs };
}

/** One leg in one line, for people. */
function summaryOf(result: LegResult): string {
  const { leg, ok, outcome, nodes, maxControlPlaneAwayAny, wallMs, drivingAgainMs, missed } = result;
  const [first] = nodes;
  const hop = `${first?.from ?? ''} → ${first?.to ?? ''}`;
  const installs = nodes.map((node) => node.installs);
  const most = Math.max(...installs);
  const times = Math.min(...installs) === most ? `${most}` : `${Math.min(...installs)} to ${most}`;
  const images = [...new Set(nodes.map((node) => node.image ?? 'no image'))].map(shortened).join(', ');
  const facts = [
    `${hop} ${outcome}`,
    `${nodes.length} nodes, ${times} install each`,
    `at most ${maxControlPlaneAwayAny} control-plane node away`,
    images,
    `${(wallMs / 1000).toFixed(1)} s`,
    ...(drivingAgainMs === null ? [] : [`driven again after ${(drivingAgainMs / 1000).toFixed(1)} s`]),
  ];
  return `${ok ? 'ok     ' : 'MISSED '} ${leg}: ${[...facts, ...missed].join('; ')}`;
}

/** An image reference without the 56 digits of a schematic that say nothing to people. */
function shortened(image: string): string {
  return image.replace(/([0-9a-f]{8})[0-9a-f]{56}/, '$1…');
}

function slowest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.max(...times);
}

function together(legs: readonly LegResult[]): Played {
  const each = <T>(read: (leg: LegResult) => readonly T[], as: (item: T, leg: string) => T): readonly T[] =>
    legs.flatMap((leg) => read(leg).map((item) => as(item, leg.leg)));
  const sum = (figure: (leg: LegResult) => number): number =>
    legs.reduce((total, leg) => total + figure(leg), 0);
  const most = (figure: (leg: LegResult) => number): number => Math.max(0, ...legs.map(figure));
  const [first] = legs;
  if (first === undefined) throw new Error('a series has at least one leg');
  return {
    ok: legs.every((leg) => leg.ok),
    // The outcome they share, or that of the first leg that did not end as the first one.
    outcome: (legs.find((leg) => leg.outcome !== first.outcome) ?? first).outcome,
    nodes: each(
      (leg) => leg.nodes,
      (node, leg) => ({ ...node, name: `${leg}/${node.name}` }),
    ),
    rebootOrder: each(
      (leg) => leg.rebootOrder,
      (name, leg) => `${leg}/${name}`,
    ),
    approvals: each(
      (leg) => leg.approvals,
      (approval, leg) => ({ ...approval, node: `${leg}/${approval.node}` }),
    ),
    snapshots: sum((leg) => leg.snapshots),
    maxControlPlaneAway: most((leg) => leg.maxControlPlaneAway),
    maxControlPlaneAwayAny: most((leg) => leg.maxControlPlaneAwayAny),
    refusedClicks: sum((leg) => leg.refusedClicks),
    slack: {
      calls: sum((leg) => leg.slack.calls),
      rejected: sum((leg) => leg.slack.rejected),
      rateLimited: sum((leg) => leg.slack.rateLimited),
    },
    wallMs: sum((leg) => leg.wallMs),
    peopleMs: sum((leg) => leg.peopleMs),
    limitMs: sum((leg) => leg.limitMs),
    overheadMs: sum((leg) => leg.overheadMs),
    drivingAgainMs: slowest(legs.flatMap((leg) => leg.drivingAgainMs ?? [])),
    doubts: sum((leg) => leg.doubts),
    missed: each(
      (leg) => leg.missed,
      (sentence, leg) => `${leg}: ${sentence}`,
    ),
  };
}

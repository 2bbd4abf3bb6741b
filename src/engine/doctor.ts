// What a cluster's set-up lacks as a worker sees it: our access, Kubernetes's rights, releases, the archive. Reads only.
import { accessLasts, roleSuffices } from '../checks/access.ts';
import { botIsAllowed } from '../checks/api.ts';
import { type Finding, worstFirst } from '../checks/finding.ts';
import { machinesAnswer } from '../checks/machines.ts';
import { clocksAreSynced } from '../checks/upkeep.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { grantLines } from './doctor-grants.ts';
import type { Clock } from './ports/clock.ts';
import type { SetupLine, SetupReport } from './ports/errands.ts';
import { faultOf } from './ports/fault.ts';
import { survey } from './survey.ts';
import type { ClusterWork } from './work.ts';

export interface DoctorParts {
  readonly work: ClusterWork;
  readonly clock: Clock;
}

/** What is asked, by the checks that a plan asks too: a doctor that judges differently would be a second opinion nobody needs. */
const SUBJECTS: readonly (readonly [what: string, check: (snapshot: Snapshot) => readonly Finding[]])[] = [
  ['Machines', machinesAnswer],
  ['Talos certificate', accessLasts],
  ['Talos role', roleSuffices],
  ['Clocks of machines', clocksAreSynced],
  ['Kubernetes rights', botIsAllowed],
];
/** Troubles of one subject: more of the same help nobody. */
const MOST_OF_ONE = 3;

/** Never rejects: what does not answer is a line that says so. */
export async function examine({ work, clock }: DoctorParts): Promise<SetupReport> {
  const [snapshot, grants, archive, releases] = await Promise.all([
    survey(work, clock, { depth: 'full' }),
    grantLines(work.grants, clock),
    archiveLine(work, clock),
    releasesLine(work),
  ]);
  const judged = SUBJECTS.flatMap(([what, check]) => linesOf(what, check(snapshot)));
  return { kind: 'setup', lines: [...judged, ...grants, archive, ...releases] };
}

function linesOf(what: string, findings: readonly Finding[]): readonly SetupLine[] {
  const seen = worstFirst(findings).filter(({ level }) => level !== 'skipped');
  const troubles = seen.filter(({ level }) => level !== 'ok');
  const shown = troubles.length === 0 ? seen.slice(0, 1) : troubles.slice(0, MOST_OF_ONE);
  const rest = troubles.length - shown.length;
  return shown.map((finding, at): SetupLine => {
    const more = rest > 0 && at === shown.length - 1 ? ` And ${rest} more like this.` : '';
    return { what, state: stateOf(finding), sentence: `${finding.sentence}${more}`, advice: finding.advice };
  });
}

function stateOf({ level }: Finding): SetupLine['state'] {
  if (level === 'ok') return 'ok';
  return level === 'unknown' ? 'unknown' : 'lacks';
}

/** Milliseconds for a list of one cluster's copies; a bucket that needs longer is of no use to a rollout either. */
const ARCHIVE_LIMIT_MS = 15_000;

async function archiveLine({ archiving, name }: ClusterWork, clock: Clock): Promise<SetupLine> {
  const what = 'Archive for etcd';
  if (archiving === undefined) {
    const sentence = 'No archive is configured, so etcd is not copied before the control plane is touched.';
    return {
      what,
      state: 'lacks',
      sentence,
      advice: 'Name a folder or a bucket in the archive of this cluster.',
    };
  }
  const over = new AbortController();
  const late = clock.sleep(ARCHIVE_LIMIT_MS, over.signal).then(() => null);
  try {
    const copies = await Promise.race([archiving.archive.list(name), late]);
    if (copies === null)
      return {
        what,
        state: 'lacks',
        sentence: `The archive did not answer within ${ARCHIVE_LIMIT_MS / 1_000} s.`,
        advice: null,
      };
    const [newest] = copies;
    const last =
      newest === undefined
        ? 'holds none yet'
        : `holds ${copies.length}, the newest of ${day(newest.takenAt)}`;
    return { what, state: 'ok', sentence: `The archive answers and ${last}.`, advice: null };
  } catch (error) {
    const advice = 'Mend it before the next upgrade: a copy that fails holds the rollout.';
    return { what, state: 'lacks', sentence: faultOf(error).message, advice };
  } finally {
    over.abort();
  }
}

function day(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

async function releasesLine({ releases }: ClusterWork): Promise<readonly SetupLine[]> {
  if (releases === undefined) return [];
  const [talos, kubernetes] = await Promise.all([releases.lists.talos(), releases.lists.kubernetes()]);
  return [['Talos releases', talos] as const, ['Kubernetes releases', kubernetes] as const].map(
    ([what, { versions, source, troubles }]): SetupLine => {
      if (source === null || versions.length === 0) {
        const why = troubles.length === 0 ? 'Nobody was asked.' : troubles.slice(0, MOST_OF_ONE).join(' ');
        const advice =
          'Let the bot reach it, or give it a file (releases in the configuration); only paths need it.';
        return { what, state: 'lacks', sentence: why, advice };
      }
      return { what, state: 'ok', sentence: `${versions.length} versions, from ${source}.`, advice: null };
    },
  );
}

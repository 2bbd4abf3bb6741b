// What a worker finds lacking: each subject one line when all is well, and its troubles with what to do when not.
import { describe, expect, it } from 'vitest';
import type { AccessView } from '../../src/cluster/access.ts';
import { COMPATIBILITY } from '../../src/cluster/compatibility.ts';
import type { AccessView as KubernetesAccess } from '../../src/cluster/estate/platform.ts';
import { PATH_RULES } from '../../src/cluster/path.ts';
import { examine } from '../../src/engine/doctor.ts';
import type { Archive } from '../../src/engine/ports/archive.ts';
import type { SetupLine, SetupReport } from '../../src/engine/ports/errands.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Grants, LookAtGrants } from '../../src/engine/ports/grants.ts';
import type { ReleaseList } from '../../src/engine/ports/releases.ts';
import type { ClusterWork } from '../../src/engine/work.ts';
import { aSmallScene, type Scene } from './scene.ts';

const DAY_MS = 86_400_000;

async function examined(change: (work: ClusterWork, scene: Scene) => ClusterWork = (work) => work) {
  const scene = aSmallScene();
  const { house } = scene;
  let answer: SetupReport | null = null;
  void examine({ work: change(house.work(), scene), clock: house.time.engineClock() }).then((given) => {
    answer = given;
  });
  await house.time.runUntil(() => answer !== null, 120_000);
  if (answer === null) throw new Error('nobody answered');
  return { lines: (answer as SetupReport).lines, scene };
}

const about = (lines: readonly SetupLine[], what: string): readonly SetupLine[] =>
  lines.filter((line) => line.what === what);

function access(changed: Partial<AccessView>) {
  return (work: ClusterWork, { house }: Scene): ClusterWork => ({
    ...work,
    access: {
      seen: async () => ({
        ...{ roles: ['os:admin'], admin: 'granted', until: 'soon', stale: null },
        expiresAt: house.time.engineClock().now() + 300 * DAY_MS,
        ...changed,
      }),
      close: async () => undefined,
    },
  });
}

function archive(list: Archive['list']) {
  return (work: ClusterWork): ClusterWork => ({
    ...work,
    archiving: {
      archive: { list, put: never, prune: never, close: async () => undefined },
      retention: { keep: 5, maxAgeMs: DAY_MS },
    },
  });
}

function asking(grants: LookAtGrants) {
  return (work: ClusterWork): ClusterWork => ({ ...work, grants });
}

function granted(changed: (nowMs: number) => Partial<Grants>) {
  return (work: ClusterWork, { house }: Scene): ClusterWork => {
    const all: Grants = { unread: [], ungranted: [], certificateEndsAt: null };
    return asking(async () => ({ ...all, ...changed(house.time.engineClock().now()) }))(work);
  };
}

const never = (): Promise<never> => Promise.reject(new Error('a doctor writes nothing'));

function releases(talos: Partial<ReleaseList>) {
  const list: ReleaseList = { versions: ['v1.14.1'], source: 'github', ageMs: 0, troubles: [] };
  return (work: ClusterWork): ClusterWork => ({
    ...work,
    releases: {
      lists: { talos: async () => ({ ...list, ...talos }), kubernetes: async () => list },
      table: COMPATIBILITY,
      rules: PATH_RULES,
      projects: { talos: '', kubernetes: '' },
      close: async () => undefined,
    },
  });
}

describe('a cluster that is set up', () => {
  it('is one line for each subject, and nothing is touched', async () => {
    const { lines, scene } = await examined((work, at) =>
      granted((nowMs) => ({ certificateEndsAt: nowMs + 300 * DAY_MS }))(
        releases({})(archive(async () => [])(access({})(work, at))),
        at,
      ),
    );
    expect(lines.map(({ what, state }) => [what, state])).toEqual(
      expect.arrayContaining([
        ['Machines', 'ok'],
        ['Talos certificate', 'ok'],
        ['Talos role', 'ok'],
        ['Kubernetes reading', 'ok'],
        ['Kubernetes certificate', 'ok'],
        ['Archive for etcd', 'ok'],
        ['Talos releases', 'ok'],
        ['Kubernetes releases', 'ok'],
      ]),
    );
    expect(scene.audit.effects).toEqual([]);
  });
});

describe('what lacks', () => {
  const rows: readonly (readonly [
    what: string,
    subject: string,
    change: Parameters<typeof examined>[0],
    state: SetupLine['state'],
    says: RegExp,
  ])[] = [
    [
      'a role',
      'Talos role',
      access({ roles: ['os:reader'], admin: 'denied' }),
      'lacks',
      /os:reader.*os:admin/,
    ],
    ['days of the certificate', 'Talos certificate', access({ expiresAt: 0 }), 'lacks', /expired/],
    [
      'an archive',
      'Archive for etcd',
      ({ archiving: _none, ...work }) => work,
      'lacks',
      /No archive is configured/,
    ],
    [
      'a bucket',
      'Archive for etcd',
      archive(() => Promise.reject(new Fault('missing', 'There is no bucket b.'))),
      'lacks',
      /There is no bucket b/,
    ],
    [
      'an answer of the bucket',
      'Archive for etcd',
      archive(() => new Promise(() => undefined)),
      'lacks',
      /within 15 s/,
    ],
    [
      'releases',
      'Talos releases',
      releases({ source: null, versions: [], troubles: ['GitHub is away.'] }),
      'lacks',
      /GitHub is away/,
    ],
    [
      'machines',
      'Machines',
      (work) => ({
        ...work,
        machines: {
          ...work.machines,
          look: () => Promise.reject(new Fault('unreachable', 'nobody answers')),
        },
      }),
      'unknown',
      /does not answer/,
    ],
    [
      'rights in Kubernetes',
      'Kubernetes rights',
      (work) => {
        const views: readonly KubernetesAccess[] = [{ act: 'evict pods', allowed: false }];
        const silent = () => Promise.reject(new Fault('refused', 'No.'));
        const estate = new Proxy(
          {},
          { get: (_, subject) => (subject === 'access' ? async () => views : silent) },
        );
        return { ...work, estate: estate as NonNullable<ClusterWork['estate']> };
      },
      'lacks',
      /may not evict pods/,
    ],
  ];
  const unread = [
    { act: 'list poddisruptionbudgets.policy', checks: ['disruption-budgets', 'double-budgets'] },
    { act: 'list nodes', checks: ['health-checks'] },
  ];
  const ends = (days: number) => granted((nowMs) => ({ certificateEndsAt: nowMs + days * DAY_MS }));
  const asked: typeof rows = [
    [
      'rights to read',
      'Kubernetes reading',
      granted(() => ({ unread })),
      'lacks',
      /may not list poddisruptionbudgets\.policy, list nodes: these checks will be unknown: disruption-budgets, double-budgets, health-checks\./,
    ],
    [
      'a right that a drain wants',
      'Kubernetes extras',
      granted(() => ({ ungranted: [{ act: 'delete pods', use: 'Force' }] })),
      'lacks',
      /may not delete pods: only needed for Force\./,
    ],
    [
      'whoever says what may be read',
      'Kubernetes reading',
      asking(() => Promise.reject(new Fault('unreachable', 'Kubernetes is away.'))),
      'unknown',
      /Kubernetes is away/,
    ],
    [
      'an answer of Kubernetes',
      'Kubernetes reading',
      asking(() => new Promise(() => undefined)),
      'unknown',
      /within 15 s/,
    ],
    ['the certificate of the kubeconfig', 'Kubernetes certificate', ends(0), 'lacks', /expired on/],
    ['a day of it', 'Kubernetes certificate', ends(1), 'lacks', /half way/],
    ['weeks of it', 'Kubernetes certificate', ends(29), 'lacks', /ends on \d{4}-\d\d-\d\d .* UTC\.$/],
  ];
  it.each([...rows, ...asked])('%s', async (_, subject, change, state, says) => {
    const { lines } = await examined(change);
    const [line] = about(lines, subject);
    expect(line).toMatchObject({ state, sentence: expect.stringMatching(says) });
  });

  it('for one use is one line, however many rights it needs', async () => {
    const ungranted = ['list a', 'get b'].map((act) => ({ act, use: 'drains' }));
    const { lines } = await examined(granted(() => ({ ungranted })));
    expect(about(lines, 'Kubernetes extras').map(({ sentence }) => sentence)).toEqual([
      'The bot may not list a, get b: only needed for drains.',
    ]);
  });

  it('in many places is three lines and how many more', async () => {
    const { lines } = await examined((work) => ({
      ...work,
      machines: { ...work.machines, look: () => Promise.reject(new Fault('unreachable', 'nobody answers')) },
    }));
    expect(about(lines, 'Machines')).toHaveLength(3);
    expect(about(lines, 'Machines').at(-1)?.sentence).toMatch(/And \d+ more like this/);
  });
});

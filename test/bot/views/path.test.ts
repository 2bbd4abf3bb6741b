// The path as people see it: every kind of answer, inside Slack's limits, and nothing in it that pings.
import { describe, expect, it } from 'vitest';
import { pingsIn } from '../../../playground/slack/pings.ts';
import { validateMessage } from '../../../playground/slack/validate.ts';
import type { Message } from '../../../src/bot/views/blocks.ts';
import { pathMessage } from '../../../src/bot/views/path.ts';
import type { PathTarget } from '../../../src/cluster/path.ts';
import { rangeOf } from '../../../src/cluster/path.ts';
import type { PathReport } from '../../../src/engine/ports/errands.ts';
import { type Asked, aQuestion, ask } from '../../cluster/path-question.ts';

type Report = Extract<PathReport, { kind: 'path' }>;

function aReport(asked: Asked, changed: Partial<Report> = {}): Report {
  const { standing, target } = aQuestion(asked);
  return {
    kind: 'path',
    found: ask(asked),
    runs: { talos: rangeOf(standing, 'talos'), kubernetes: rangeOf(standing, 'kubernetes') },
    target,
    sources: [
      { product: 'talos', name: 'factory.talos.dev', ageMs: 0 },
      { product: 'kubernetes', name: 'api.github.com', ageMs: 7_500_000 },
    ],
    troubles: [],
    ...changed,
  };
}

const textOf = ({ blocks }: Message): string =>
  blocks
    .flatMap((block) => {
      if (block.type === 'section') return [block.text?.text ?? ''];
      return block.type === 'context'
        ? block.elements.flatMap((one) => ('text' in one ? [one.text] : []))
        : [];
    })
    .join('\n');

const JOURNEY: Asked = { talos: 'v1.11.6', kubernetes: 'v1.29.15', to: { talos: '1.12' } };
const LONG = {
  talos: Array.from({ length: 40 }, (_, at) => `v1.${at}.9`),
  kubernetes: Array.from({ length: 40 }, (_, at) => `v1.${at}.9`),
};
const STORIES: readonly (readonly [string, Report])[] = [
  ['a way', aReport(JOURNEY)],
  ['nothing to do', aReport({ ...JOURNEY, to: { talos: '1.11' } })],
  ['questions', aReport({ ...JOURNEY, to: { talos: '1.19', kubernetes: '1.44' } })],
  ['no way', aReport({ ...JOURNEY, to: { talos: '1.14', kubernetes: '1.31' } })],
  [
    'nobody answered',
    aReport({ ...JOURNEY, talos: [] }, { sources: [{ product: 'talos', name: null, ageMs: 0 }] }),
  ],
  [
    'a long way',
    aReport({
      talos: 'v1.3.9',
      kubernetes: 'v1.24.9',
      to: { talos: '1.15', kubernetes: '1.38' },
      releases: LONG,
    }),
  ],
  [
    'a crowd of troubles',
    aReport(JOURNEY, {
      troubles: Array.from({ length: 60 }, (_, at) => `Host ${at} ${'is away '.repeat(30)}.`),
    }),
  ],
];

describe.each(STORIES)('%s', (_, report) => {
  const shown = pathMessage('prod', report);

  it('fits into a message', () => {
    expect(validateMessage(shown)).toEqual([]);
    expect(shown.blocks.length).toBeLessThanOrEqual(10);
    expect(textOf(shown).length).toBeLessThan(9_000);
  });

  it('pings nobody', () => {
    expect(pingsIn(shown)).toEqual([]);
  });
});

describe('a path', () => {
  it('is a numbered list with reasons, release notes and what to do first', () => {
    const text = textOf(pathMessage('prod', aReport(JOURNEY)));
    expect(text).toContain('*prod* gets to Talos 1.12 in *2 hops*.');
    expect(text).toContain(
      '1. *Kubernetes* `v1.29.15` → `v1.30.14` (<https://git.example/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.30.md|release notes>)',
    );
    expect(text).toContain('Talos 1.12 needs Kubernetes 1.30 or newer.');
    expect(text).toContain('2. *Talos* `v1.11.6` → `v1.12.11`');
    expect(text).toContain('talosctl upgrade-k8s --to 1.30.14');
    expect(text).toContain(
      'Versions of Talos from factory.talos.dev, of Kubernetes from api.github.com (2 h old).',
    );
    expect(text).toContain('Runs Talos v1.11.6, Kubernetes v1.29.15.');
  });

  it('names the plan of a first hop of Talos', () => {
    const text = textOf(pathMessage('prod', aReport({ ...JOURNEY, kubernetes: 'v1.30.14' })));
    expect(text).toContain('`/talos plan prod v1.12.11`');
  });

  it('that is not known says what to find out, and where to write it down', () => {
    const both: PathTarget = { talos: '1.12', kubernetes: null };
    const unlisted = aReport({ ...JOURNEY, to: { talos: '1.12' }, releases: { talos: [], kubernetes: [] } });
    const lists = textOf(pathMessage('prod', { ...unlisted, target: both }));
    expect(lists).toContain('Which is the latest patch of Talos 1.12?');
    expect(lists).toContain('As far as it can be seen: Kubernetes 1.30 → Talos 1.12.');
    expect(lists).toContain('`releases.talos.file`');
    const table = textOf(pathMessage('prod', aReport({ ...JOURNEY, to: { talos: '1.16' } })));
    expect(table).toContain('`releases.compatibility`');
  });

  it('that does not exist leads as near as it gets', () => {
    const text = textOf(
      pathMessage('prod', aReport({ ...JOURNEY, to: { talos: '1.14', kubernetes: '1.31' } })),
    );
    expect(text).toContain('There is *no way* for *prod* to Talos 1.14 and Kubernetes 1.31.');
    expect(text).toContain('Talos cannot go on to 1.14: Talos 1.14 runs Kubernetes 1.32 to 1.37, not 1.31.');
    expect(text).toContain('*As near as it gets*');
  });

  it('shows what machines and servers said as plain text', () => {
    const report = aReport({ ...JOURNEY, talos: '<!channel> @here' }, { troubles: ['<@U012AB3CD> & co'] });
    expect(pingsIn(pathMessage('prod', report))).toEqual([]);
  });
});

// What others wrote stays short, on one line and without its full stop, wherever it comes from.
import { describe, expect, it } from 'vitest';
import { healthChecksHold } from '../../src/checks/api.ts';
import { noDiagnostics } from '../../src/checks/diagnostics.ts';
import { volumesAreReady } from '../../src/checks/disks.ts';
import type { Finding } from '../../src/checks/finding.ts';
import { machinesAreReady } from '../../src/checks/machines.ts';
import { quoted } from '../../src/checks/quoted.ts';
import { servicesAreWell } from '../../src/checks/services.ts';
import { cephIsWell } from '../../src/checks/storage.ts';
import type { EstateViews } from '../../src/cluster/estate/estate.ts';
import type { Inspection } from '../../src/cluster/inspection.ts';
import { anEstate } from '../builders/estate.ts';
import { aCluster } from '../builders/snapshot.ts';

const LONG = 'it says more than anybody reads\n'.repeat(1_000);
/** A sentence of ours around two quotations. */
const READABLE = 800;

const said = <T>(value: T) => ({ kind: 'said', value }) as const;
const telling = (changed: Partial<Inspection>) => aCluster().inspected('worker-1', changed).build();
const having = (estate: Partial<EstateViews>) => aCluster().withEstate(anEstate(estate)).build();
const details = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => ({ name, severity: '', message: LONG }));
const ceph = { namespace: 'rook-ceph', name: 'rook-ceph', health: 'HEALTH_ERR', details };

const ROWS: readonly (readonly [what: string, findings: () => readonly Finding[]])[] = [
  [
    'a service',
    () => servicesAreWell(telling({ services: said([{ id: 'x', state: 'Failed', message: LONG }]) })),
  ],
  [
    'a volume',
    () =>
      volumesAreReady(telling({ volumes: said([{ id: 'x', phase: 'failed', error: LONG, sizeBytes: 0 }]) })),
  ],
  [
    'a complaint',
    () => noDiagnostics(telling({ diagnostics: said([{ id: 'x', message: LONG, details: [LONG, LONG] }]) })),
  ],
  [
    'what a machine waits for',
    () =>
      machinesAreReady(
        aCluster()
          .machine('worker-1', { ready: false, unmet: [{ name: 'time', reason: LONG }] })
          .build(),
      ),
  ],
  ['the health of Ceph', () => cephIsWell(having({ ceph: [ceph] }))],
  [
    'a health check',
    () =>
      healthChecksHold(having({ health: [{ name: 'x', verdict: 'unhealthy', detail: LONG, timeoutMs: 0 }] })),
  ],
];

describe('what others wrote', () => {
  it.each([
    ['', ''],
    ['no portal.', 'no portal'],
    ['two\n\tlines.\n', 'two lines'],
    ['x'.repeat(300), 'x'.repeat(300)],
    ['x'.repeat(301), `${'x'.repeat(299)}…`],
  ])('%j becomes %j', (text, short) => {
    expect(quoted(text)).toBe(short);
  });

  it.each(ROWS)('%s is bounded before it is a finding, and still says something', (_what, findings) => {
    const [finding] = findings();
    expect(finding?.sentence.length).toBeLessThan(READABLE);
    expect(finding?.sentence).toContain('it says more than anybody reads it says');
  });
});

// The path planner on clusters that run several versions at once: what is behind starts, what is ahead counts.
import { describe, expect, it } from 'vitest';
import { ask, hopsIn } from './path-question.ts';

describe('a cluster whose parts differ', () => {
  it('brings the machines that are behind along first, and passes no machine downwards', () => {
    const found = ask({ talos: ['v1.13.9', 'v1.12.11'], kubernetes: 'v1.35.4', to: { talos: '1.13' } });
    expect(hopsIn(found)).toEqual(['T v1.13.9']);
    expect(found).toMatchObject({ notes: [expect.stringContaining('1.12 to 1.13')] });
    const down = ask({ talos: ['v1.13.9', 'v1.12.11'], kubernetes: 'v1.35.4', to: { talos: 'v1.13.4' } });
    expect(down).toMatchObject({ kind: 'blocked', reasons: [expect.stringContaining('v1.13.9 runs')] });
  });

  it('does nothing that the machines that are ahead do not support', () => {
    const asked = { talos: ['v1.11.6', 'v1.13.9'], kubernetes: 'v1.30.14', to: { talos: '1.13' } };
    expect(hopsIn(ask(asked))).toEqual(['K v1.31.14', 'T v1.12.11', 'T v1.13.9']);
  });

  it('says when a component that is ahead is outside the table', () => {
    const kubernetes = { controlPlane: ['v1.34.8', 'v1.35.4'], kubelets: ['v1.34.8'] };
    const found = ask({ talos: 'v1.11.6', kubernetes, to: { talos: '1.12' } });
    expect(found).toMatchObject({
      notes: [expect.stringContaining('not 1.35'), expect.stringContaining('between 1.34 and 1.35')],
    });
  });

  it.each([
    ['kubelets three minors behind may wait', 'v1.31.14', ['K v1.34.8']],
    ['kubelets that would be four behind catch up first', 'v1.30.14', ['K v1.33.12', 'K v1.34.8']],
  ] as const)('%s', (_, kubelet, hops) => {
    const kubernetes = { controlPlane: ['v1.33.4'], kubelets: [kubelet, 'v1.33.4'] };
    expect(hopsIn(ask({ talos: 'v1.11.6', kubernetes, to: { kubernetes: '1.34' } }))).toEqual(hops);
  });

  it('counts kubelets that lag as not there yet', () => {
    const kubernetes = { controlPlane: ['v1.34.8'], kubelets: ['v1.33.4', 'v1.34.8'] };
    const found = ask({ talos: 'v1.11.6', kubernetes, to: { kubernetes: '1.34' } });
    expect(found).toMatchObject({ path: { hops: [{ from: 'v1.33.4', to: 'v1.34.8' }] } });
  });

  it('takes the newest kubelet for the control plane nobody named', () => {
    const kubernetes = { controlPlane: [], kubelets: ['v1.33.12', 'v1.34.8'] };
    expect(hopsIn(ask({ talos: 'v1.11.6', kubernetes, to: { talos: '1.12' } }))).toEqual(['T v1.12.11']);
  });

  it('says that it is outside the table already, when a way leads back in', () => {
    const found = ask({ talos: 'v1.11.6', kubernetes: 'v1.35.4', to: { talos: '1.12' } });
    expect(found).toMatchObject({
      kind: 'found',
      notes: [expect.stringContaining('outside the table already')],
    });
  });
});

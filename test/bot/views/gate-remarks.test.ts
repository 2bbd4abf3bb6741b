// What a gate's card says of the drain that follows: only while people can still decide.
import { describe, expect, it } from 'vitest';
import { type GateCard, gateCard } from '../../../src/bot/views/gate.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aRollout } from '../../builders/rollout.ts';

describe('a gate’s card', () => {
  const { rollout } = aRollout().underWay();
  const REMARK = 'The drain of cp-1 would wait now for shop/web-1 (The disruption budget web needs 3).';
  const shown = (remarks: readonly string[], ending: GateCard['ending']): string => {
    const proof = {
      kind: 'healthy',
      sentence: '',
      voters: 3,
      quorum: 2,
      votersLeft: 2,
      leader: null,
      maxLag: 0,
    } as const;
    const card = { gate: 'gate:cp-1', fingerprint: 'f', proof, needs: 1, expiresAt: 0, approvals: [] };
    return JSON.stringify(gateCard(rollout, { ...card, remarks, ending }, aPolicy()).blocks);
  };

  it('says what its drain would meet, until it is decided', () => {
    expect(shown([REMARK], { kind: 'open' })).toContain(':warning: The drain of cp-1 would wait now');
    expect(shown([REMARK], { kind: 'expired', at: 1 })).not.toContain('would wait now');
    expect(shown([], { kind: 'open' })).not.toContain(':warning:');
  });
});

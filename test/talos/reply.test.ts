// Replies are lists with room for errors inside; exactly one message without one is an answer.
import { describe, expect, it } from 'vitest';
import { onlyMessage } from '../../src/talos/reply.ts';

const FINE = { metadata: { error: '' } };

describe('a reply', () => {
  it('of one message is that message', () => {
    expect(onlyMessage('Version', { messages: [FINE] })).toBe(FINE);
    expect(onlyMessage('Version', { messages: [{}] })).toEqual({});
  });

  it('that hides an error behind an OK is broken', () => {
    const reply = { messages: [{ metadata: { error: 'rpc error: code = Unavailable' } }] };
    expect(() => onlyMessage('Version', reply)).toThrow(/error inside its reply: rpc error/);
  });

  it.each([
    ['none', []],
    ['two', [FINE, FINE]],
  ])('of %s is not from the machine that was asked', (_count, messages) => {
    expect(() => onlyMessage('Version', { messages })).toThrow(/instead of one/);
  });
});

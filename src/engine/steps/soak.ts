// The end of a soak. Its time is kept by `next`, and what must hold by then is asked before it begins: nothing is left to be done.
import type { SubjectFactory } from './doer.ts';

export const soak: SubjectFactory = () => ({
  observe: async () => null,
  capture: async () => ({}),
  act: async () => ({ kind: 'ended', result: {} }),
  settle: async () => ({ kind: 'ended', result: {} }),
});

/** Faults of single calls to a machine: lost on their way there, or on the way back. */
import { type FaultKind, type FaultParam, NODE } from './fault.ts';

const METHOD: FaultParam = {
  name: 'method',
  type: 'text',
  required: true,
  sentence: 'such as Reboot, Rollback, Upgrade, Pull',
};

export const CALL_FAULTS: readonly FaultKind[] = [
  {
    name: 'lost-reply',
    sentence: 'A call is carried out, and its connection breaks before the reply.',
    params: [NODE, METHOD],
    apply: (_world, params) => {
      const { lostReplies } = params.machine().parts.knobs;
      const method = params.text('method', '');
      lostReplies.add(method);
      return () => lostReplies.delete(method);
    },
    spent: (params) => !params.machine().parts.knobs.lostReplies.has(params.text('method', '')),
  },
  {
    name: 'lost-call',
    sentence: 'A call breaks off on its way: the machine never hears of it, and its caller cannot know.',
    params: [NODE, METHOD],
    apply: (_world, params) => {
      const { lostCalls } = params.machine().parts.knobs;
      const method = params.text('method', '');
      lostCalls.add(method);
      return () => lostCalls.delete(method);
    },
    spent: (params) => !params.machine().parts.knobs.lostCalls.has(params.text('method', '')),
  },
];

// Writes the new system to disk without restarting (Talos >= 1.13). Sent once; its end is in band, or settled by evidence.
import { sameVersion } from '../../cluster/version.ts';
import { type StepFactory, textParam } from './doer.ts';

export const install: StepFactory = ({ step, node, machines, clock, note }) => ({
  observe: async () => {
    const { version } = await machines.look(node.address);
    return sameVersion(version, textParam(step, 'version')) ? { alreadyRuns: version } : null;
  },
  capture: async () => ({ since: clock.now() }),
  act: async () => {
    const reply = await machines.install(node.address, textParam(step, 'image'), (line) => note(line));
    switch (reply.kind) {
      case 'done':
        return reply.value.exitCode === 0
          ? { kind: 'ended', result: { exitCode: 0 } }
          : { kind: 'failed', why: exitSentence(reply.value.exitCode, reply.value.lastLines) };
      case 'refused':
        return { kind: 'failed', why: reply.fault.message };
      case 'withdrawn':
        return { kind: 'withdrawn', why: reply.fault.message };
      case 'lost':
        return { kind: 'sent' };
    }
  },
  settle: async ({ since }) => {
    const outcome = await machines.installOutcome(
      node.address,
      typeof since === 'number' ? since : clock.now(),
    );
    switch (outcome.kind) {
      case 'succeeded':
        return { kind: 'ended', result: { exitCode: 0, settledBy: 'log' } };
      case 'failed':
        return { kind: 'failed', why: exitSentence(outcome.exitCode, []) };
      case 'running':
        return { kind: 'waiting', why: 'the installer, whose output was lost' };
      case 'unknown':
        return { kind: 'waiting', why: 'evidence of how the installation ended' };
    }
  },
});

/** The last line that says something, because the installer's reason is in its text. */
function exitSentence(exitCode: number | null, lines: readonly string[]): string {
  const reason = lines.findLast((line) => line.trim() !== '');
  const code = exitCode === null ? 'an error' : `exit code ${exitCode}`;
  return `The installer ended with ${code}${reason === undefined ? '.' : `: ${reason.trim()}`}`;
}

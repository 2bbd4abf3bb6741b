// Errands and their reports as job data: checked where they are read, bounded where they are written.
import type { Errand, ErrandReport } from '../engine/ports/errands.ts';

/** A plan of 500 nodes is below 1 MB; a job's data is read and written whole, 12 ms per MB (stack.md section 4). */
const REPORT_MAX_CHARS = 2_000_000;

export function isErrand(value: unknown): value is Errand {
  const plan = { kind: 'string', cluster: 'string', goal: 'object' } as const;
  const path = { kind: 'string', cluster: 'string', target: 'object' } as const;
  const log = { kind: 'string', cluster: 'string', rollout: 'string', node: 'string' } as const;
  const only = { kind: 'string', cluster: 'string' } as const;
  return (
    (hasShape(value, plan) && value['kind'] === 'plan') ||
    (hasShape(value, path) && value['kind'] === 'path') ||
    (hasShape(value, log) && value['kind'] === 'log') ||
    (hasShape(value, only) && ['setup', 'check', 'why'].includes(String(value['kind'])))
  );
}

/** The report as it may be written: one that is too large becomes a sentence that says so. */
export function writtenReport(report: ErrandReport): ErrandReport {
  const chars = JSON.stringify(report).length;
  if (chars <= REPORT_MAX_CHARS) return report;
  return {
    kind: 'failed',
    sentence: `The answer is too large to be shown (${Math.ceil(chars / 1_000_000)} MB).`,
  };
}

/** A report of another process; null when this version does not understand it. */
export function readReport(value: unknown): ErrandReport | null {
  if (hasShape(value, { kind: 'string', plan: 'object', findings: 'list' }) && value['kind'] === 'planned') {
    return value as unknown as ErrandReport;
  }
  const declined = { kind: 'string', outcome: 'string', sentence: 'string', findings: 'list' } as const;
  if (hasShape(value, declined) && value['kind'] === 'declined') return value as unknown as ErrandReport;
  const checked = { kind: 'string', findings: 'list', nodes: 'object', runs: 'object' } as const;
  if (hasShape(value, checked) && value['kind'] === 'checked') return value as unknown as ErrandReport;
  const path = {
    kind: 'string',
    found: 'object',
    runs: 'object',
    target: 'object',
    troubles: 'list',
  } as const;
  if (hasShape(value, { ...path, sources: 'list' }) && value['kind'] === 'path') {
    return value as unknown as ErrandReport;
  }
  if (hasShape(value, { kind: 'string', steps: 'list' }) && value['kind'] === 'why') {
    return value as unknown as ErrandReport;
  }
  if (hasShape(value, { kind: 'string', node: 'string', text: 'string' }) && value['kind'] === 'log') {
    return value as unknown as ErrandReport;
  }
  if (hasShape(value, { kind: 'string', lines: 'list' }) && value['kind'] === 'setup') {
    return value as unknown as ErrandReport;
  }
  if (hasShape(value, { kind: 'string', sentence: 'string' }) && value['kind'] === 'failed') {
    return { kind: 'failed', sentence: String(value['sentence']) };
  }
  return null;
}

type Shape = Readonly<Record<string, 'string' | 'object' | 'list'>>;

/** Loose on purpose: both ends are this program; it is there for a worker of another version. */
function hasShape(value: unknown, shape: Shape): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Record<string, unknown> = { ...value };
  return Object.entries(shape).every(([name, type]) => {
    const field = fields[name];
    if (type === 'list') return Array.isArray(field);
    return typeof field === type && field !== null;
  });
}

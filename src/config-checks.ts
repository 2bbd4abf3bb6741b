// What a cluster's policy says of checks: which stop, which only warn, which are not looked for.
import { z } from 'zod';
import { CHECKS, type CheckName, isCheck, maySetAside, type Weights } from './checks/catalogue.ts';

const weight = z.enum(['block', 'warn', 'off'], 'expects block, warn or "off"');

export const checks = z
  .record(z.string(), weight)
  .default({})
  .check(({ value, issues }) => {
    for (const name of Object.keys(value)) {
      const message = mistakeOf(name);
      if (message !== null) issues.push({ code: 'custom', message, path: [name], input: name });
    }
  })
  .transform((written): Weights => written);

function mistakeOf(name: string): string | null {
  if (!isCheck(name)) return `is no check; they are ${namesSetAside().join(', ')}`;
  return maySetAside(name) ? null : 'guards a promise of the bot and cannot be changed (docs/checks.md)';
}

function namesSetAside(): readonly string[] {
  return (Object.keys(CHECKS) as CheckName[]).filter(maySetAside);
}

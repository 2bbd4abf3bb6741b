// What is measured is started as npm start and the image start it: the same flags and the same environment in all three places.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { START_ENVIRONMENT, startFlags } from '../../bench/as-started.ts';

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('the image gives Node the flags that npm start gives it', () => {
  const entry = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text('Dockerfile'))?.[1] ?? '[]') as string[];
  expect(entry).toEqual(['node', ...startFlags(), 'src/main.ts']);
  expect(startFlags().length).toBeGreaterThan(1);
});

it.each(Object.entries(START_ENVIRONMENT))('%s is set by npm start and by the image', (name, value) => {
  expect(text('Dockerfile')).toMatch(new RegExp(`^ENV .*\\b${name}=${value}\\b`, 'm'));
  expect(text('scripts/with-setup.mjs')).toContain(`${name}: '${value}'`);
});

// The bench's command line: runs measurements one after the other, so that none disturbs another, and judges the promises.
import { NoRedis } from '../playground/redis-program.ts';
import { EXIT, print } from '../playground/terminal.ts';
import { readArguments, USAGE, type Wish } from './arguments.ts';
import { MEASUREMENTS } from './registry.ts';
import { linesOf, type Result, reportOf, verdictOf } from './report.ts';

function say(line: string): void {
  process.stderr.write(`… ${line}\n`);
}

async function run(wish: Wish): Promise<number> {
  switch (wish.kind) {
    case 'mistake':
      process.stderr.write(`${wish.sentence}\n\n${USAGE}\n`);
      return EXIT.usage;
    case 'list':
      for (const { name, sentence } of MEASUREMENTS) print(`${name}\t${sentence}`);
      return EXIT.held;
    case 'measure':
      return measure(wish);
  }
}

async function measure({ names, sizes, output }: Extract<Wish, { kind: 'measure' }>): Promise<number> {
  const results: Result[] = [];
  for (const measurement of MEASUREMENTS.filter(({ name }) => names.includes(name))) {
    const result = { name: measurement.name, parts: await measurement.run(sizes, say) };
    results.push(result);
    for (const line of linesOf(result)) print(line);
  }
  const report = reportOf(results, sizes);
  print(verdictOf(report));
  if (output === 'text-and-json') print(JSON.stringify(report));
  return report.ok ? EXIT.held : EXIT.missed;
}

const known = MEASUREMENTS.map(({ name }) => name);
const code = await run(readArguments(process.argv.slice(2), known)).catch((error: unknown) => {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof NoRedis ? sentence : `The bench cannot measure: ${sentence}`}\n`);
  return EXIT.environment;
});
process.exit(code);

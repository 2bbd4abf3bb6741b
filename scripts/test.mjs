// npm test: all tests, what was skipped and why, and the counts alone on the last line.
import { runTests } from './run-tests.ts';
import { remarksOn, tallyLine } from './tally.ts';

const tally = await runTests(process.argv.slice(2));
process.stdout.write(`${[...remarksOn(tally), tallyLine(tally)].join('\n')}\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;

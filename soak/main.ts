// The soak's command line: random walks with every promise judged after every effect, also with one guard of the product taken out.
import { EXIT, print } from '../playground/terminal.ts';
import { readArguments, USAGE, type Wanted } from './arguments.ts';
import { MUTANTS } from './mutants.ts';
import { plant } from './plant.ts';

/** A sign of life after so many rounds. */
const SAY_EVERY = 500;

async function run(wanted: Wanted): Promise<number> {
  switch (wanted.kind) {
    case 'mistake':
      process.stderr.write(`${wanted.sentence}\n\n${USAGE}\n`);
      return EXIT.usage;
    case 'list':
      for (const { name, sentence } of MUTANTS) print(`${name}\ta bot that ${sentence}`);
      return EXIT.held;
    case 'walk':
      return walk(wanted);
  }
}

async function walk(wanted: Extract<Wanted, { kind: 'walk' }>): Promise<number> {
  const mutant = MUTANTS.find(({ name }) => name === wanted.mutant);
  if (mutant !== undefined) plant(mutant.plants);
  // Only now: what is imported from here on has the mutant in it.
  const { linesOfFailure, soaked } = await import('./soak.ts');
  print(`seed ${wanted.seed}, ${wanted.rounds} rounds${mutant === undefined ? '' : `, with ${mutant.name}`}`);
  const onRound = (round: number): void => {
    if (round % SAY_EVERY === 0) process.stderr.write(`… round ${round}\n`);
  };
  const { rounds, effects, rests, outcomes, failure } = await soaked({ ...wanted, onRound });
  for (const [what, tally] of [
    ['came to rest', rests],
    ['ended', outcomes],
  ] as const)
    for (const name of [...tally.keys()].sort()) print(`  ${what}: ${name} ${tally.get(name)}`);
  if (failure !== null) for (const line of linesOfFailure(failure)) print(line);
  const broken = failure === null ? 'none of the nine promises broken' : 'broken';
  print(`${rounds} rounds, ${effects} effects: ${broken}`);
  return failure === null ? EXIT.held : EXIT.missed;
}

process.exit(
  await run(
    readArguments(
      process.argv.slice(2),
      MUTANTS.map(({ name }) => name),
    ),
  ),
);

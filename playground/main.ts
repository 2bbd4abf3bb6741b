// The playground's command line: the demo, one scenario, or one of its parts alone.
import { readArguments, USAGE, type Wish } from './arguments.ts';
import { demo } from './demo.ts';
import { onlyCluster, onlySlack } from './only.ts';
import { NoRedis } from './redis-program.ts';
import { SCENARIOS } from './scenarios/registry.ts';
import { runScenario } from './scenarios/run.ts';
import { EXIT, print } from './terminal.ts';

async function run(wish: Wish): Promise<number> {
  switch (wish.kind) {
    case 'mistake':
      process.stderr.write(`${wish.sentence}\n\n${USAGE}\n`);
      return EXIT.usage;
    case 'help':
      print(USAGE);
      return EXIT.held;
    case 'list':
      for (const { name, sentence } of SCENARIOS) print(`${name}\t${sentence}`);
      return EXIT.held;
    case 'scenario':
      return scenario(wish);
    case 'only-slack':
      return onlySlack(portFrom(process.env), print);
    case 'only-cluster':
      return onlyCluster(wish, print);
    case 'demo':
      return demo({ options: wish.options, port: portFrom(process.env), print });
  }
}

async function scenario({ name, options }: Extract<Wish, { kind: 'scenario' }>): Promise<number> {
  const found = SCENARIOS.find((candidate) => candidate.name === name);
  if (found === undefined) {
    process.stderr.write(
      `There is no scenario "${name}". They are: ${SCENARIOS.map((one) => one.name).join(', ')}.\n`,
    );
    return EXIT.usage;
  }
  const begun = Date.now();
  const result = await runScenario(found, {
    options,
    say: (line) => print(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}`),
    onLog: (line) => process.stderr.write(`${line}\n`),
  });
  print(JSON.stringify(result));
  return result.ok ? EXIT.held : EXIT.missed;
}

function portFrom(environment: NodeJS.ProcessEnv): number {
  const text = environment['PLAYGROUND_PORT'] ?? '0';
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  process.stderr.write(`PLAYGROUND_PORT expects a port number, not "${text}".\n`);
  process.exit(EXIT.usage);
}

const code = await run(readArguments(process.argv.slice(2))).catch((error: unknown) => {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `${error instanceof NoRedis ? sentence : `The playground cannot be put up: ${sentence}`}\n`,
  );
  return EXIT.environment;
});
process.exit(code);

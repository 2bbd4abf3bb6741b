// A process that does one thing for a measurement: started, asked one question at a time, and ended.
import { type ChildProcess, fork } from 'node:child_process';

interface Answer {
  readonly kind: string;
  /** Of the kind `failed` only. */
  readonly why?: string;
}

export interface ChildManner {
  /** Who it is, for the sentence that says what went wrong: "the simulated cluster". */
  readonly name: string;
  /** For each answer, in milliseconds. */
  readonly limitMs: number;
}

export class Child<Question extends { readonly kind: string }, Reply extends Answer> {
  readonly #process: ChildProcess;
  readonly #manner: ChildManner;

  /** `program`: the path of a file that answers each message with one. */
  constructor(program: string, manner: ChildManner) {
    this.#manner = manner;
    this.#process = fork(program, [], {
      execArgv: ['--disable-warning=DEP0123'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** One question at a time: whoever measures has no other. Rejects when it fails, ends, is late, or answers something else than `kind`. */
  ask<K extends Reply['kind']>(question: Question, kind: K): Promise<Extract<Reply, { readonly kind: K }>> {
    const child = this.#process;
    const { name, limitMs } = this.#manner;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(late);
        child.off('message', hear);
        child.off('exit', gone);
        settle();
      };
      const fail = (why: string): void => end(() => reject(new Error(`${name} ${why}`)));
      const hear = (reply: Reply): void => {
        if (isOf(reply, kind)) end(() => resolve(reply));
        else
          fail(
            reply.kind === 'failed' ? `failed: ${reply.why}` : `answered ${reply.kind} to ${question.kind}`,
          );
      };
      const gone = (): void => fail('ended before the answer');
      const late = setTimeout(() => fail(`did not answer within ${limitMs / 1_000} s`), limitMs);
      child.on('message', hear);
      child.on('exit', gone);
      child.send(question);
    });
  }

  /** Resolves when it is gone. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}

function isOf<R extends Answer, K extends R['kind']>(
  reply: R,
  kind: K,
): reply is Extract<R, { readonly kind: K }> {
  return reply.kind === kind;
}

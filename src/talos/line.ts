// Puts text that arrives in pieces back together into lines.

/** Characters after which a line without an end is given out anyway: no installer prints longer ones. */
const LINE_LENGTH_LIMIT = 64 * 1024;

/** Up to Talos 1.13 the installer's output comes in pieces of up to 512 bytes, cut anywhere (talos-api.md 3.1). */
export class LineAssembler {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#give(line);
    if (this.#rest.length > LINE_LENGTH_LIMIT) this.end();
  }

  /** Gives out what has no end of line yet. */
  end(): void {
    const rest = this.#rest;
    this.#rest = '';
    this.#give(rest);
  }

  #give(line: string): void {
    const text = line.replace(/\r$/, '');
    if (text.trim() !== '') this.#onLine(text);
  }
}

/** Reads a statement of InfluxQL from left to right, as InfluxDB's own scanner would. Every method returns `undefined` where it fails. */
export class StatementReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads all that is left of the statement. */
  takeRest(): string {
    const rest = this.#text.slice(this.#at);
    this.#at = this.#text.length;
    return rest;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Reads keywords with one blank between them, whatever their case, and the blank behind them. */
  keywords(words: string): boolean {
    const next = this.#text.slice(this.#at, this.#at + words.length);
    if (next.toUpperCase() !== words) return false;
    const behind = this.#at + words.length;
    if (behind < this.#text.length && this.#text[behind] !== ' ') return false;
    this.#at = Math.min(behind + 1, this.#text.length);
    return true;
  }

  /** Reads a character, if it is the next one. */
  character(expected: '.' | ',' | ' '): boolean {
    if (this.#text[this.#at] !== expected) return false;
    this.#at += 1;
    return true;
  }

  /** Reads a name, quoted or not, and the blank behind it. */
  name(): string | undefined {
    const bare = this.#match(/[A-Za-z_]\w*/y);
    const name = bare ?? this.#quoted('"');
    if (name !== undefined) this.character(' ');
    return name;
  }

  /** Reads a string, and the blank behind it. */
  string(): string | undefined {
    const text = this.#quoted("'");
    if (text !== undefined) this.character(' ');
    return text;
  }

  /** Reads a word of letters and digits, such as a duration, and the blank behind it. */
  word(): string | undefined {
    const word = this.#match(/[A-Za-z0-9µ]+/y);
    if (word !== undefined) this.character(' ');
    return word;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #quoted(quote: '"' | "'"): string | undefined {
    if (this.#text[this.#at] !== quote) return undefined;
    let value = '';
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      const character = this.#text[at] as string;
      if (character === quote) {
        this.#at = at + 1;
        return value;
      }
      if (character !== '\\') {
        value += character;
        continue;
      }
      at += 1;
      const escaped = escapes.get(this.#text[at] ?? '');
      if (escaped === undefined) return undefined;
      value += escaped;
    }
    return undefined;
  }
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
]);

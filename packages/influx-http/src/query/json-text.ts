/** A JSON value as it was written: a number is its own text, because `JSON.parse` would round an int64. */
export type JsonText = string | boolean | null | readonly JsonText[] | { readonly [key: string]: JsonText };

/**
 * Parses JSON without losing a digit. Strings and numbers both become text: the type of the field says which one InfluxDB means.
 *
 * @throws SyntaxError
 */
export function parseJsonText(text: string): JsonText {
  const parser = new Parser(text);
  return parser.whole();
}

/** InfluxDB's answers are seven levels deep; a hostile one must not exhaust the stack. */
const depthMax = 32;

/** Go writes no int64 and no float64 with as many characters. Callers make a BigInt of them, which takes very long for very many. */
const numberLengthMax = 400;

const quote = 0x22;
const backslash = 0x5c;
const jsonNumber = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** True for digits, `+`, `-`, `.` and the letter of an exponent; false for `NaN`, which is what the end of the text gives. */
function isNumberCharacter(unit: number): boolean {
  return (unit >= 0x2b && unit <= 0x39 && unit !== 0x2c && unit !== 0x2f) || unit === 0x65 || unit === 0x45;
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonText {
    const value = this.#value();
    this.#space();
    if (this.#at !== this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(): JsonText {
    this.#space();
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case '[':
        return this.#nested(() => this.#array());
      case '{':
        return this.#nested(() => this.#object());
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > depthMax) throw this.#unexpected();
    this.#at += 1;
    const value = parse();
    this.#depth -= 1;
    return value;
  }

  #array(): JsonText[] {
    const values: JsonText[] = [];
    if (this.#skip(']')) return values;
    do values.push(this.#value());
    while (this.#skip(','));
    this.#expect(']');
    return values;
  }

  #object(): Record<string, JsonText> {
    // No prototype: a tag may be called `__proto__`.
    const object: Record<string, JsonText> = Object.create(null);
    if (this.#skip('}')) return object;
    do {
      this.#space();
      const key = this.#string();
      this.#expect(':');
      object[key] = this.#value();
    } while (this.#skip(','));
    this.#expect('}');
    return object;
  }

  #string(): string {
    if (this.#text.charCodeAt(this.#at) !== quote) throw this.#unexpected();
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end !== -1 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end === -1) throw this.#unexpected();
    this.#at = end + 1;
    const inside = this.#text.slice(start + 1, end);
    return inside.includes('\\') ? (JSON.parse(this.#text.slice(start, end + 1)) as string) : inside;
  }

  /** True for a quote after an odd number of backslashes, which belongs to the string. */
  #isEscaped(at: number): boolean {
    let before = at - 1;
    while (this.#text.charCodeAt(before) === backslash) before -= 1;
    return (at - before) % 2 === 0;
  }

  #number(): string {
    let end = this.#at;
    while (isNumberCharacter(this.#text.charCodeAt(end))) end += 1;
    if (end - this.#at > numberLengthMax) throw this.#unexpected();
    const number = this.#text.slice(this.#at, end);
    if (!jsonNumber.test(number)) throw this.#unexpected();
    this.#at = end;
    return number;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected();
    this.#at += word.length;
    return value;
  }

  #skip(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw this.#unexpected();
  }

  #space(): void {
    while (this.#text.charCodeAt(this.#at) <= 0x20) this.#at += 1;
  }

  #unexpected(): SyntaxError {
    const found = this.#text.slice(this.#at, this.#at + 20);
    return new SyntaxError(found === '' ? 'JSON ends too early' : `unexpected '${found}' in JSON at ${this.#at}`);
  }
}

import { encodePoint, LineProtocolError, type Point } from '@ceres/lineproto';
import { randomFrom } from '@ceres/testkit';

/** Says how a line was made. */
export type Kind = 'legal' | 'nearly legal' | 'hostile' | 'random bytes';

export interface Line {
  readonly kind: Kind;
  /** The line without the LF at its end; it may hold others. */
  readonly bytes: Buffer;
}

/** Pieces that mean something to a parser, or have confused one. */
const PIECES = [
  ...[
    ',',
    '=',
    ' ',
    '"',
    '\\',
    '\\\\',
    '\\,',
    '\\ ',
    '\\=',
    '\\"',
    '\\n',
    '#',
    '-',
    '+',
    '.',
    '\t',
    '\0',
    '\r',
    '\n',
    '\\\n',
  ],
  ...['a', 'b', 'time', 'é', '☃', '𝄞', '\x7f', '0', '1', '9', 'i', 'u', 'e', 'E', 'N', 't', 'T', 'f', 'true', 'False'],
  ...[
    'v=1',
    ',w=2i',
    ' v="x"',
    '="',
    '",',
    '"=',
    ',,',
    '==',
    '  ',
    'NaN',
    '1e400',
    '9223372036854775808i',
    '1.',
    '.5',
    '-0',
  ],
];

const NAME_PIECES = [
  'a',
  'b',
  'c',
  ' ',
  ',',
  '=',
  '"',
  '\\',
  'é',
  '☃',
  '𝄞',
  '#',
  "'",
  '\t',
  '/',
  '\\\\',
  '$',
  '%',
  '\r',
];

const STRING_PIECES = [...NAME_PIECES, '\n', '\0', ' v=1 1\n', '\\"', '"="', '\n# DML\n', '\u2028', '\x1b'];

/** Makes lines. Those of one batch have similar names, so that a query for them has few columns. */
export class LineGenerator {
  readonly #random: () => number;
  #measurements: readonly string[] = [];
  #tagKeys: readonly string[] = [];
  #tagValues: readonly string[] = [];
  #fieldKeys: readonly string[] = [];

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** Chooses new names. */
  nextBatch(): void {
    const names = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, i) =>
        this.#chance(0.5) ? `${prefix}${i}` : `${prefix}${i}${this.#text(NAME_PIECES, 6)}`,
      );
    this.#measurements = names(8, 'm');
    this.#tagKeys = names(5, 't');
    this.#tagValues = names(8, '');
    this.#fieldKeys = names(12, 'f');
  }

  /** Returns a line that has this timestamp (ns), unless it is broken. */
  line(timestamp: bigint): Line {
    const dice = this.#random();
    if (dice < 0.45) return { kind: 'legal', bytes: Buffer.from(this.#legal(timestamp)) };
    if (dice < 0.75) return { kind: 'nearly legal', bytes: Buffer.from(this.#mutate(this.#legal(timestamp))) };
    if (dice < 0.95) return { kind: 'hostile', bytes: Buffer.from(this.#hostile(timestamp)) };
    return { kind: 'random bytes', bytes: this.#randomBytes() };
  }

  #legal(timestamp: bigint): string {
    for (;;) {
      try {
        return encodePoint(this.#point(timestamp), { precision: 'ns' });
      } catch (error) {
        // Line protocol cannot carry some names: choose others.
        if (!(error instanceof LineProtocolError) || error.code !== 'INVALID_NAME') throw error;
      }
    }
  }

  #point(timestamp: bigint): Point {
    const tags = Object.fromEntries(
      Array.from({ length: this.#below(4) }, () => [this.#pick(this.#tagKeys), this.#pick(this.#tagValues)]),
    );
    const fields = Object.fromEntries(
      Array.from({ length: 1 + this.#below(4) }, () => {
        const i = this.#below(this.#fieldKeys.length);
        return [this.#fieldKeys[i] ?? '', this.#value(i % 4)];
      }),
    );
    return { measurement: this.#pick(this.#measurements), tags, fields, timestamp };
  }

  /** Returns a value whose type the key decides, so that the lines of a batch agree on it. */
  #value(type: number): number | bigint | boolean | string {
    if (type === 0) return this.#float();
    if (type === 1) return this.#integer();
    return type === 2 ? this.#chance(0.5) : this.#text(STRING_PIECES, 8);
  }

  #float(): number {
    const float = (this.#random() - 0.5) * 10 ** (this.#below(600) - 300);
    return this.#chance(0.3) ? this.#pick([0, -0, 1, 1e21, 5e-324, Number.MAX_VALUE, 0.1 + 0.2]) : float;
  }

  #integer(): bigint {
    const integer = BigInt(Math.floor((this.#random() - 0.5) * 2 ** 53)) * BigInt(1 + this.#below(2000));
    return this.#chance(0.3) ? this.#pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]) : integer;
  }

  #mutate(line: string): string {
    const characters = Array.from(line);
    for (let count = 1 + this.#below(3); count > 0; count -= 1) {
      const at = this.#below(characters.length + 1);
      const removed = this.#pick([0, 1, 1, 2]);
      const inserted = removed > 0 && this.#chance(0.4) ? [] : [this.#pick(PIECES)];
      characters.splice(at, removed, ...inserted);
    }
    return characters.join('');
  }

  #hostile(timestamp: bigint): string {
    const parts = this.#pick([
      () => `${this.#text(PIECES, 12)} ${timestamp}`,
      () => `${this.#text(PIECES, 5)} ${this.#text(PIECES, 8)} ${timestamp}`,
      () => `m${this.#text(PIECES, 6)} v=${this.#text(PIECES, 3)} ${timestamp}`,
      () => `m,t=${this.#text(PIECES, 5)} v="${this.#text(PIECES, 5)}" ${timestamp}`,
      () => `m,${this.#text(PIECES, 6)} ${this.#text(PIECES, 3)}=1 ${timestamp}`,
      () => `m n=${this.#text(['0', '1', '9', '.', 'e', 'E', '-', '+', 'i', 'u', 'x', '_'], 30)} ${timestamp}`,
      () => `m v=1 ${this.#text(['0', '1', '9', '-', ' ', '.', '\t', 'n'], 22)}`,
      () => `m s="${this.#text(STRING_PIECES, 6)}",v=${this.#text(['1', 't', '"', ',', '='], 4)} ${timestamp}`,
    ]);
    return parts();
  }

  #randomBytes(): Buffer {
    return Buffer.from(Array.from({ length: 1 + this.#below(60) }, () => this.#below(256)));
  }

  #text(pieces: readonly string[], max: number): string {
    return Array.from({ length: this.#below(max + 1) }, () => this.#pick(pieces)).join('');
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
}

import { type Line, writeLines } from './lines';
import { isVersion } from './version';

/** What the server behind the proxy says of a write. */
export interface Upstream {
  readonly status: number;
  readonly message: string;
}

const mixedTypes = 'field type conflict';

/**
 * Imitates how a version takes a batch that gives new fields two types each. 1.6.7 tries twice, so it takes two of the
 * fields into the shard each time, and answers `field type conflict` while there are more; 1.8 to 1.11 take one each time, and
 * store nothing; 1.12 takes all at once. Unlike there, the first line with such a field is stored at once.
 */
export class TypeRounds {
  readonly #version: string;
  /** The fields whose types the server knows. */
  readonly #known = new Set<string>();

  constructor(version: string) {
    this.#version = version;
  }

  /**
   * Sends a batch.
   *
   * @param database what tells one database and policy from another
   */
  async send(database: string, lines: readonly Line[], send: (body: Buffer) => Promise<Upstream>): Promise<Upstream> {
    const isAtOnce = isVersion(this.#version, { from: '1.12' });
    for (const [field, pair] of mixedIn(lines)) {
      const key = `${database}\n${field}`;
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      await send(writeLines(pair)); // The shard takes the type of the first line.
      if (!isAtOnce) return { status: 400, message: mixedTypes };
    }
    for (;;) {
      const answer = await send(writeLines(lines));
      if (answer.message === mixedTypes) continue; // Lines that hold several such fields take more rounds.
      if (answer.status === 204 || answer.message.startsWith('partial write: ')) {
        for (const { measurement, fields } of lines) {
          for (const { name } of fields) this.#known.add(`${database}\n${measurement}\n${name}`);
        }
      }
      return answer;
    }
  }
}

/** Returns the fields with two types, each with the first line of either type. */
function mixedIn(lines: readonly Line[]): Map<string, [Line, Line]> {
  const first = new Map<string, { readonly type: string; readonly line: Line }>();
  const mixed = new Map<string, [Line, Line]>();
  for (const line of lines) {
    for (const { name, type } of line.fields) {
      const field = `${line.measurement}\n${name}`;
      const before = first.get(field);
      if (before === undefined) first.set(field, { type, line });
      else if (before.type !== type && !mixed.has(field)) mixed.set(field, [before.line, line]);
    }
  }
  return mixed;
}

import { InfluxHttpError } from '../../errors';
import { ArrivingBytes, notMessagePack } from './arriving-bytes';
import { MessageReader } from './message-reader';
import { TypedRow } from './typed-row';

/** What the rows that follow have in common. All texts have one character for each byte, because names need not be UTF-8. */
export interface TypedSeries {
  /** The measurement. Empty where a statement has none. */
  readonly name: string;
  /** The tags that the query groups by, in any order. A tag that the series lacks has the empty value. */
  readonly tags: readonly (readonly [key: string, value: string])[];
  /** The same array for as long as the columns stay the same. */
  readonly columns: readonly string[];
}

/** Receives an answer, synchronously. */
export interface RowVisitor {
  /** Called before the rows of a series, and again wherever the answer continues it. */
  series(series: TypedSeries): void;
  /** Takes one row. Returns false to end the query. */
  row(row: TypedRow): boolean | undefined;
  /** Called now and then between rows. The rest of the answer stays with the server until what it returns resolves. */
  pause?(): Promise<void> | undefined;
}

/** Ends an answer whose visitor wants no more rows. */
const enough = Symbol('the visitor has enough rows');

/**
 * Reads chunk after chunk of `{"results":[{"series":[{"name","tags","columns","values":[[…]]}],"partial","error"}],"error"}`,
 * each of which is one MessagePack value.
 */
export class AnswerReader {
  readonly #input: ArrivingBytes;
  readonly #reader: MessageReader;
  readonly #visitor: RowVisitor;
  readonly #query: string;
  #columns: readonly string[] = [];
  /** The bytes that `#columns` were read from. */
  #columnBytes = Buffer.alloc(0);
  #row = new TypedRow(0);
  /** The last result announced another chunk. */
  #isPartial = true;

  constructor(body: AsyncIterable<Buffer>, visitor: RowVisitor, query: string) {
    this.#input = new ArrivingBytes(body);
    this.#reader = new MessageReader(this.#input);
    this.#visitor = visitor;
    this.#query = query;
  }

  async read(): Promise<void> {
    const message = { results: () => this.#list(() => this.#result()), error: () => this.#fail() };
    try {
      while (await this.#input.hasNext()) {
        this.#isPartial = true;
        await this.#map(message);
      }
    } catch (error) {
      if (error === enough) return;
      throw error;
    } finally {
      await this.#input.close();
    }
    if (this.#isPartial) throw notMessagePack('it ended before its last row');
  }

  async #result(): Promise<void> {
    this.#isPartial = false;
    await this.#map({
      series: () => this.#list(() => this.#series()),
      partial: async () => {
        this.#isPartial = await this.#input.whole(() => this.#reader.flag());
      },
      error: () => this.#fail(),
    });
  }

  async #fail(): Promise<never> {
    const error = await this.#input.whole(() => this.#reader.text());
    const reason = Buffer.from(error, 'latin1').toString();
    throw new InfluxHttpError('QUERY_FAILED', `InfluxDB: ${reason} (${this.#query})`);
  }

  /** Reads everything before the rows at once, then the rows. */
  async #series(): Promise<void> {
    const head = await this.#input.whole(() => this.#seriesHead());
    if (head.rows > 0) {
      this.#visitor.series(head.series);
      await this.#rows(head.rows);
    }
    for (let left = head.keysLeft; left > 0; left -= 1) await this.#input.whole(() => this.#skipPair());
  }

  #seriesHead(): { readonly series: TypedSeries; readonly rows: number; readonly keysLeft: number } {
    const reader = this.#reader;
    let name = '';
    let tags: [string, string][] = [];
    let hasColumns = false;
    for (let left = reader.mapSize(); left > 0; left -= 1) {
      const key = reader.text();
      if (key === 'name') name = reader.text();
      else if (key === 'tags') tags = this.#tags();
      else if (key === 'columns') {
        this.#readColumns();
        hasColumns = true;
      } else if (key === 'values') {
        if (!hasColumns) throw notMessagePack('it has values without columns');
        const series = { name, tags, columns: this.#columns };
        return { series, rows: reader.arraySize(), keysLeft: left - 1 };
      } else reader.skip();
    }
    return { series: { name, tags, columns: this.#columns }, rows: 0, keysLeft: 0 };
  }

  #tags(): [string, string][] {
    const texts = this.#reader.texts(2 * this.#reader.mapSize());
    return Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i] ?? '', texts[2 * i + 1] ?? '']);
  }

  /** Reads the columns, which are the same for most series, without making new text for the same bytes. */
  #readColumns(): void {
    const { bytes, at } = this.#input;
    const known = this.#columnBytes;
    if (
      known.length > 0 &&
      bytes.compare(known, 0, known.length, at, Math.min(bytes.length, at + known.length)) === 0
    ) {
      this.#input.take(known.length);
      return;
    }
    const columns = this.#reader.texts(this.#reader.arraySize());
    this.#columnBytes = Buffer.from(bytes.subarray(at, this.#input.at));
    this.#columns = columns;
    this.#row = new TypedRow(columns.length);
  }

  async #rows(count: number): Promise<void> {
    const readRow = () => this.#readRow();
    for (let left = count; left > 0; ) {
      while (left > 0 && this.#input.attempt(readRow)) {
        left -= 1;
        if (this.#visitor.row(this.#row) === false) throw enough;
      }
      await this.#visitor.pause?.();
      if (left > 0) await this.#input.more();
    }
  }

  #readRow(): true {
    const row = this.#row;
    const count = this.#reader.arraySize();
    if (count !== this.#columns.length)
      throw notMessagePack(`a row has ${count} values for ${this.#columns.length} columns`);
    row.bytes = this.#input.bytes;
    for (let i = 0; i < count; i += 1) this.#reader.cell(row, i);
    return true;
  }

  async #list(read: () => Promise<void>): Promise<void> {
    const count = await this.#input.whole(() => this.#reader.arraySize());
    for (let i = 0; i < count; i += 1) await read();
  }

  /** Reads a map whose values these functions read; it skips other keys. */
  async #map(values: Readonly<Record<string, () => Promise<void>>>): Promise<void> {
    const count = await this.#input.whole(() => this.#reader.mapSize());
    for (let i = 0; i < count; i += 1) {
      const key = await this.#input.whole(() => this.#reader.text());
      const read = Object.hasOwn(values, key) ? values[key] : undefined;
      if (read === undefined) await this.#input.whole(() => this.#skipValue());
      else await read();
    }
  }

  #skipPair(): true {
    this.#reader.text();
    return this.#skipValue();
  }

  #skipValue(): true {
    this.#reader.skip();
    return true;
  }
}

import { escapeFieldKey, escapeMeasurement, escapeTagKey } from '../../record/escape';
import { type WrittenName, writtenName } from './written-name';

/** A tag key. Tags are sorted by its bytes, escapes included, as InfluxDB keeps them. */
export interface TagName extends WrittenName {
  readonly escaped: Buffer;
}

/** A field key, and the key that followed it last: in the next point of the measurement the same one mostly follows. */
export interface FieldName extends WrittenName {
  readonly isInteger: boolean;
  next: FieldName | undefined;
}

/** The keys of a point's tags in the order given and in the order written: one array if these are the same. */
export interface TagOrder {
  readonly given: readonly TagName[];
  readonly sorted: readonly TagName[];
}

/** The memory that a kept name takes, roughly, in addition to its words. */
const ENTRY_BYTES = 200;

/** The names that the points of one measurement have had so far: its own, its tags' and its fields'. */
export class MeasurementNames {
  readonly measurement: WrittenName;
  tagOrder: TagOrder = { given: [], sorted: [] };
  /** Stands before the first field, so that `next` leads to it. */
  readonly firstField: FieldName;
  readonly #tagKeys = new Map<string, TagName>();
  readonly #fieldKeys = new Map<string, FieldName>();
  readonly #integerFields: ReadonlySet<string> | undefined;
  readonly #kept: { bytes: number };

  /**
   * @param kept counts the bytes of all names that are kept
   * @throws LineProtocolError `INVALID_NAME`
   */
  constructor(measurement: string, integerFields: ReadonlySet<string> | undefined, kept: { bytes: number }) {
    this.measurement = writtenName(measurement, escapeMeasurement(measurement), '', '');
    this.firstField = { ...writtenName('', '', '', ''), isInteger: false, next: undefined };
    this.#integerFields = integerFields;
    this.#kept = kept;
    this.#count(this.measurement);
  }

  /** Returns `,key=`. @throws LineProtocolError `INVALID_NAME` */
  tagKey(key: string): TagName {
    let name = this.#tagKeys.get(key);
    if (name === undefined) {
      const escaped = escapeTagKey(key);
      name = { ...writtenName(key, escaped, ',', '='), escaped: Buffer.from(escaped) };
      this.#tagKeys.set(key, name);
      this.#count(name);
    }
    return name;
  }

  /** Returns `,key=`. @throws LineProtocolError `INVALID_NAME` */
  fieldKey(key: string, previous: FieldName): FieldName {
    let name = this.#fieldKeys.get(key);
    if (name === undefined) {
      const isInteger = this.#integerFields?.has(key) === true;
      name = { ...writtenName(key, escapeFieldKey(key), ',', '='), isInteger, next: undefined };
      this.#fieldKeys.set(key, name);
      this.#count(name);
    }
    previous.next = name;
    return name;
  }

  #count({ words }: WrittenName): void {
    this.#kept.bytes += ENTRY_BYTES + 8 * words.length;
  }
}

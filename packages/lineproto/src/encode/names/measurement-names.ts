import { escapeFieldKey, escapeMeasurement, escapeTagKey } from '../../record/escape';
import { type WrittenName, writtenName } from './written-name';

/** A tag key; tags are in the order of its bytes, escapes included: the order in which InfluxDB keeps them. */
export interface TagName extends WrittenName {
  readonly escaped: Buffer;
}

/** A field key, and the one that followed it last: in the next point of its measurement it is mostly the same. */
export interface FieldName extends WrittenName {
  readonly isInteger: boolean;
  next: FieldName | undefined;
}

/** The keys of some tags, as the object had them and as they are written: one array, if that is the same. */
export interface TagOrder {
  readonly given: readonly TagName[];
  readonly sorted: readonly TagName[];
}

/** Beside its words, what a kept name takes in memory, roughly. */
const ENTRY_BYTES = 200;

/** The names that the points of one measurement have had so far: its own, its tags' and its fields'. */
export class MeasurementNames {
  readonly measurement: WrittenName;
  tagOrder: TagOrder = { given: [], sorted: [] };
  /** Before the first field. */
  readonly firstField: FieldName;
  readonly #tagKeys = new Map<string, TagName>();
  readonly #fieldKeys = new Map<string, FieldName>();
  readonly #integerFields: ReadonlySet<string> | undefined;
  readonly #kept: { bytes: number };

  /**
   * @param kept counts the bytes of all that is kept
   * @throws LineProtocolError `INVALID_NAME`
   */
  constructor(measurement: string, integerFields: ReadonlySet<string> | undefined, kept: { bytes: number }) {
    this.measurement = writtenName(measurement, escapeMeasurement(measurement), '', '');
    this.firstField = { ...writtenName('', '', '', ''), isInteger: false, next: undefined };
    this.#integerFields = integerFields;
    this.#kept = kept;
    this.#count(this.measurement);
  }

  /** `,key=`. @throws LineProtocolError `INVALID_NAME` */
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

  /** `,key=`. @throws LineProtocolError `INVALID_NAME` */
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

import { MeasurementNames } from './measurement-names';
import { notText } from './written-name';

/** The most memory that all kept names take. A service has far fewer names; one with more escapes some of them again. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

/** Keeps the names that points have had so far, as they are written. */
export class NameCache {
  readonly #integerFields: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #measurements = new Map<string, MeasurementNames>();
  readonly #kept = { bytes: 0 };
  #last: MeasurementNames | undefined;

  constructor(integerFields: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#integerFields = integerFields;
  }

  /** @throws LineProtocolError `INVALID_NAME` */
  of(measurement: string): MeasurementNames {
    if (this.#kept.bytes > KEPT_BYTES_MAX) this.#forget();
    if (this.#last === undefined || this.#last.measurement.text !== measurement) this.#last = this.#find(measurement);
    return this.#last;
  }

  #find(measurement: string): MeasurementNames {
    if (typeof measurement !== 'string') throw notText('the measurement', measurement);
    let names = this.#measurements.get(measurement);
    if (names === undefined) {
      names = new MeasurementNames(measurement, this.#integerFields.get(measurement), this.#kept);
      this.#measurements.set(measurement, names);
    }
    return names;
  }

  #forget(): void {
    this.#measurements.clear();
    this.#last = undefined;
    this.#kept.bytes = 0;
  }
}

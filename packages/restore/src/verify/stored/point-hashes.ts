import { type Hash64, mixHigh, mixLow } from '@ceres/internal';
import { HIGH, LOW, type PointBatch } from '@ceres/tsm';
import { minuteOf } from '../digest/time-parts';

/** The hashes and minutes of the points of a batch, in memory that is used again. */
export class PointHashes {
  highs: Int32Array = new Int32Array(0);
  lows: Int32Array = new Int32Array(0);
  minutes: Int32Array = new Int32Array(0);

  begin({ length, timeWords }: PointBatch, { hi, lo }: Hash64): void {
    if (length > this.highs.length) {
      this.highs = new Int32Array(length);
      this.lows = new Int32Array(length);
      this.minutes = new Int32Array(length);
    }
    for (let i = 0; i < length; i += 1) {
      const high = timeWords[2 * i + HIGH] as number;
      const low = timeWords[2 * i + LOW] as number;
      this.highs[i] = mixHigh(hi, lo, high, low);
      this.lows[i] = mixLow(hi, lo, high, low);
      this.minutes[i] = minuteOf(high, low);
    }
  }
}

import { basename, resolve, sep } from 'node:path';
import type { DoubtfulPoints, SalvageLoss, SalvageOptions } from '@ceres/tsm';
import type { OnDoubtful } from './contract';

/** Keeps what is not in the points of a data directory: what cannot be read, and what may belong to another series or field. */
export class SalvageNotes {
  /** What is not in the directory as a whole. */
  readonly losses: string[] = [];
  /** The checks that could not be made: nothing is lost by it. */
  readonly unchecked: string[] = [];
  #into: string[] = this.losses;
  readonly #folders: readonly string[];
  #onDoubtful: OnDoubtful | undefined;

  /** @param folders where the files are: messages name them by what is below, since they stand in the backup */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** Returns what a data directory is opened with. */
  options(signal: AbortSignal | undefined): SalvageOptions {
    return {
      onLoss: (loss) => this.#into.push(this.#shortened(lossText(loss))),
      onDoubtful: async (points) => {
        this.#into.push(this.#shortened(doubtText(points)));
        await this.#onDoubtful?.(points);
      },
      onUnchecked: ({ file, reason }) => this.unchecked.push(this.#shortened(`${file}: ${reason}`)),
      ...(signal && { signal }),
    };
  }

  #shortened(text: string): string {
    let short = text;
    for (const given of this.#folders) {
      for (const folder of [resolve(given), given]) {
        const name = basename(folder);
        short = short.replaceAll(folder.endsWith(sep) ? folder : folder + sep, `${name}/`).replaceAll(folder, name);
      }
    }
    return short;
  }

  /** Opens a shard, and returns with it what is not among its points. */
  async around<T>(
    open: () => Promise<T>,
    onDoubtful: OnDoubtful | undefined,
  ): Promise<{ readonly opened: T; readonly losses: readonly string[] }> {
    const losses: string[] = [];
    this.#into = losses;
    this.#onDoubtful = onDoubtful;
    try {
      return { opened: await open(), losses };
    } finally {
      this.#into = this.losses;
      this.#onDoubtful = undefined;
    }
  }
}

function lossText({ kind, file, key, minTimeNs, maxTimeNs, fromByte, toByte, reason }: SalvageLoss): string {
  const what = key === undefined ? kind : `${kind} of ${JSON.stringify(Buffer.from(key).toString('utf8'))}`;
  const bytes = fromByte === undefined ? '' : `, bytes ${fromByte} to ${toByte}`;
  return `${file}: ${what}${timesText(minTimeNs, maxTimeNs)}${bytes}: ${reason}`;
}

function doubtText({ file, seriesKey, field, column, reason }: DoubtfulPoints): string {
  const [first, last] = [column.times[0], column.times[column.length - 1]];
  const name = JSON.stringify(`${Buffer.from(seriesKey)} ${Buffer.from(field)}`);
  return `${file}: ${column.length} doubtful points of ${name}${timesText(first, last)}: ${reason}`;
}

function timesText(from: bigint | undefined, to: bigint | undefined): string {
  return from === undefined || to === undefined ? '' : `, ${timeText(from)} to ${timeText(to)}`;
}

/** A time outside the range of dates stands in nanoseconds. */
function timeText(ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  return Number.isNaN(date.getTime()) ? `${ns}ns` : date.toISOString();
}

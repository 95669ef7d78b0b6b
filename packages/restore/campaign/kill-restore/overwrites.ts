import type { ObjectWriter } from '@ceres/storage';
import { randomFrom } from '@ceres/testkit';
import { putFiles } from '../../test/support/backup';

export interface OverwritesOptions {
  readonly instance: string;
  readonly lines: number;
  /** How many points the lines rewrite. */
  readonly points: number;
  readonly files: number;
  readonly seed: number;
}

/** What a server holds after a faithful restore, one line per value: see `contentOf`. */
export type Content = ReadonlySet<string>;

const seriesCount = 500;
const startMs = Date.UTC(2024, 0, 10, 23, 50);
const policies = ['rp_a', 'rp_b'];

/**
 * Writes a backup in which points are rewritten many times, field by field, across files, days, policies and orders of the
 * tags. Every value is the number of its line, so that an older value that won is found.
 *
 * @returns the content after both policies are restored into one
 */
export async function writeOverwrites(storage: ObjectWriter, options: OverwritesOptions): Promise<Content> {
  const { lines, points, files, seed, instance } = options;
  const random = randomFrom(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const times = Math.ceil(points / seriesCount);
  const values = new Map<string, number>();
  for (let file = 0; file < files; file += 1) {
    const text: string[] = [];
    for (let i = 0; i < Math.ceil(lines / files); i += 1) {
      const number = file * Math.ceil(lines / files) + i;
      const host = pick(seriesCount);
      const seconds = startMs / 1000 + pick(times) * 10;
      const tags = random() < 0.5 ? `host=h${host},zone=z` : `zone=z,host=h${host}`;
      const fields = ['a', 'b', 'c'].filter(() => random() < 0.5);
      if (fields.length === 0) fields.push('a');
      text.push(`m,${tags} ${fields.map((field) => `${field}=${number}i`).join(',')} ${seconds}\n`);
      for (const field of fields) values.set(`h${host} ${seconds}000000000 ${field}`, number);
    }
    const retentionPolicy = policies[pick(policies.length)] ?? '';
    const openedMs = startMs + file * 60_000;
    const header = { policy: { duration: 'INF', shardDuration: '1h' } };
    await putFiles(storage, [
      { instance, database: 'source', retentionPolicy, openedMs, lines: text.join(''), header },
    ]);
  }
  return new Set([...values].map(([name, number]) => `${name}=${number}`));
}

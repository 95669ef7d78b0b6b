import type { FileHeader } from '@ceres/lineproto';
import { formatKey } from '@ceres/storage';
import { SeedIndex, type SeedManifest } from '@ceres/storage/internal';
import { describe, expect, it } from 'vitest';
import { SequenceGaps } from '../../src/read/sequence-gaps';
import { uuidV7 } from '../support/backup';
import { manifestOf } from '../support/seed';

const hour = 3_600_000;
const startMs = Date.UTC(2026, 10, 20);
const header: FileHeader = { database: 'db', retentionPolicy: 'rp', writer: uuidV7(startMs) };

/** Adds files 1, 2 and 5 of a writer, an hour apart; 5 is that of the fifth hour. */
function withGap(more: Partial<FileHeader> = {}): SequenceGaps {
  const gaps = new SequenceGaps();
  for (const sequence of [5n, 1n, 2n]) {
    gaps.add({ ...header, ...more, sequence }, keyAt(startMs + Number(sequence) * hour));
  }
  return gaps;
}

function keyAt(openedMs: number): string {
  const day = new Date(openedMs).toISOString().slice(0, 10).replaceAll('-', '');
  return formatKey({ instance: 'src', database: 'db', retentionPolicy: 'rp', day, id: uuidV7(openedMs) });
}

async function seededAt(namesMs: number, manifest: Partial<SeedManifest> = {}): Promise<SeedIndex> {
  const files = [{ database: 'db', retentionPolicy: 'rp', lines: 'm v=1 1\n' }];
  const made = await manifestOf({ takenMs: startMs + 20 * hour, namesMs, files, manifest });
  return new SeedIndex([{ manifest: made, createdMs: startMs + 21 * hour }]);
}

describe('numbers that are missing in a sequence', () => {
  it('are a gap', () => {
    expect(withGap().gaps(new SeedIndex())).toMatchObject([
      { finding: { problem: 'gap', reason: expect.stringContaining('3 to 4 missing') } },
    ]);
  });

  it('are closed once a seed has made up for them: its names come after the file behind the gap', async () => {
    expect(withGap().gaps(await seededAt(startMs + 6 * hour))).toMatchObject([{ finding: { closed: true } }]);
    const [open] = withGap().gaps(await seededAt(startMs + 4 * hour));
    expect(open?.finding).not.toHaveProperty('closed');
  });

  it('are none where ledgers name as many files that a seed has made up for, also if the file behind them is younger than the seed', async () => {
    const seed = await seededAt(startMs + 4.5 * hour);
    const named = (...hours: number[]) => hours.map((at) => keyAt(startMs + at * hour));
    expect(withGap().gaps(seed, named(3, 4))).toEqual([]);
    expect(withGap().gaps(seed, named(3))).toHaveLength(1);
    expect(withGap().gaps(seed, named(1.5, 3))).toHaveLength(1); // one of them stands before the gap
    const ofAnother = named(3, 4).map((key) => key.replace('/db/', '/other/'));
    expect(withGap().gaps(seed, ofAnother)).toHaveLength(1);
  });

  it('stay a gap if the seed has only some times, because those of the lost files are not known', async () => {
    const narrow = await seededAt(startMs + 6 * hour, { selection: { fromNs: 0n } });
    expect(withGap().gaps(narrow)[0]?.finding).not.toHaveProperty('closed');
    expect(withGap().gaps(narrow)).toHaveLength(1);
  });

  it('are none among the files of a seed, of which its manifest says what belongs to it', () => {
    expect(withGap({ seed: { source: 'query', takenMs: startMs } }).gaps(new SeedIndex())).toEqual([]);
  });
});

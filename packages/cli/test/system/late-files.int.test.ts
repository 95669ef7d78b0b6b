import { verify } from '@ceres/restore';
import { influxdAvailable, query, writeRaw } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { knownSinks, startTeedServer } from '../support/teed-server';

const instance = 'influxdb-0';

describe.skipIf(!(await influxdAvailable()))('a comparison while a sink runs', () => {
  /** Writes ten points through a tee whose sink has stored five of them. */
  async function halfStored() {
    const { server, storage, sink, tee } = await startTeedServer(instance);
    const write = (n: number) =>
      tee.write({ database: 'db' }, [
        { measurement: 'm', tags: {}, fields: { v: n }, timestamp: 1_700_000_000n + BigInt(60 * n) },
      ]);
    for (let n = 0; n < 5; n += 1) await write(n);
    await sink.flush();
    for (let n = 5; n < 10; n += 1) await write(n);
    await knownSinks(storage, 1);
    const compare = (waitMs: number) =>
      verify({ storage, instance, to: { url: server.url }, level: 'content', waitMs });
    return { compare, sink, url: server.url };
  }

  it('is incomplete as long as the sink may hold what differs, and equal once it has stored that', async () => {
    const { compare, sink } = await halfStored();
    const early = await compare(0);
    expect(early).toMatchObject({ outcome: 'INCOMPLETE', equal: false });
    expect(early.notCompared[0]).toMatchObject({
      database: 'db',
      measurement: 'm',
      reason: expect.stringMatching(/may be late/),
    });
    const waiting = compare(30_000);
    await sink.flush();
    expect(await waiting).toMatchObject({ outcome: 'EQUAL', equal: true });
  });

  it('says what differs for certain once the sink has stored all that it acked before', async () => {
    const { compare, sink, url } = await halfStored();
    await writeRaw(url, 'db', 'm v=-1 1700000180000000000');
    const waiting = compare(30_000);
    await sink.flush();
    expect(await waiting).toMatchObject({ outcome: 'NOT EQUAL', mismatches: [{ measurement: 'm' }] });
  });

  it('says at once that the database lacks points: a file that is late could only add to them', async () => {
    const { compare, url } = await halfStored();
    await query(url, 'db', 'DELETE FROM m WHERE time = 1700000120000000000');
    await writeRaw(url, 'db', 'm v=1 1700009999000000000');
    const { outcome, mismatches, notCompared } = await compare(0);
    expect(outcome).toBe('NOT EQUAL');
    expect(mismatches.reduce((sum, { missing }) => sum + missing, 0)).toBe(1);
    expect(notCompared).toMatchObject([{ side: 'backup', reason: expect.stringMatching(/may be late/) }]);
  });
});

import { type ObjectReader, StorageError } from '@ceres/storage';
import { query, writeRaw } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { verify } from '../../src/verify/verify';
import { type BackupFile, backupOf, gzOf, keyOf } from '../support/backup';
import { verifyBothWays } from '../support/both-ways';
import { describeOnInfluxd, startMs, startS } from '../support/ground';

describeOnInfluxd('verify, if a file of the backup is damaged or gone,', (ground) => {
  const lines = (n: number) => `m,h=${n} v=${n} ${startS + n}\n`;
  const filesOf = (numbers: readonly number[]): BackupFile[] =>
    numbers.map((n) => ({
      database: ground.database,
      openedMs: startMs + n,
      lines: lines(n),
      header: { writer: 'w', sequence: BigInt(n) },
    }));

  /** Writes the points of these numbers into a new database. */
  const write = async (numbers: readonly number[]) => {
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    await writeRaw(ground.influxd.url, ground.database, numbers.map(lines).join(''), { precision: 's' });
  };
  const verifyOf = async (storage: ObjectReader, level: 'counts' | 'content') =>
    await verifyBothWays(
      { storage, instance: 'src', to: { url: ground.influxd.url }, level, points: 10 },
      ground.influxd,
    );

  describe.each(['counts', 'content'] as const)('compared by %s,', (level) => {
    const damages: readonly [string, (gz: Buffer) => Buffer][] = [
      ['cut', (gz) => gz.subarray(0, gz.length - 20)],
      ['cut to nothing', () => Buffer.alloc(0)],
      ['flipped', (gz) => Buffer.concat([gz.subarray(0, 60), Buffer.of((gz[60] ?? 0) ^ 4), gz.subarray(61)])],
    ];

    it.each(damages)(
      'is incomplete where a file is %s, whether or not the database has its points',
      async (_, damage) => {
        for (const stored of [
          [1, 3],
          [1, 2, 3],
        ]) {
          await query(ground.influxd.url, '', `DROP DATABASE "${ground.database}"`);
          await write(stored);
          const [first, second, third] = filesOf([1, 2, 3]) as [BackupFile, BackupFile, BackupFile];
          const damaged = { ...second, gz: damage(await gzOf(second)) };
          const verdict = await verifyOf(await backupOf(first, damaged, third), level);
          expect(verdict).toMatchObject({ outcome: 'INCOMPLETE', equal: false });
          expect(verdict.notCompared).toContainEqual(expect.objectContaining({ key: keyOf(second) }));
          expect(JSON.stringify(verdict.notCompared)).toContain(ground.database);
        }
      },
    );

    it('is incomplete where a file is missing between others', async () => {
      await write([1, 3]);
      const verdict = await verifyOf(await backupOf(...filesOf([1, 3])), level);
      expect(verdict).toMatchObject({ outcome: 'INCOMPLETE', notCompared: [{ database: ground.database }] });
      expect(verdict.notCompared[0]?.reason).toContain('sequence 2 missing');
    });

    it('still names a difference in a database whose files are whole', async () => {
      await write([1]);
      const other = `${ground.database}_other`;
      await query(ground.influxd.url, '', `CREATE DATABASE "${other}"`);
      const [first] = filesOf([1]) as [BackupFile];
      const whole = { database: other, openedMs: startMs, lines: lines(1) };
      const verdict = await verifyOf(await backupOf({ ...first, gz: Buffer.from('no gzip') }, whole), level);
      expect(verdict).toMatchObject({ outcome: 'NOT EQUAL', notCompared: [{ database: ground.database }] });
      expect(verdict.differingPoints).toContainEqual(
        expect.objectContaining({ database: other, inDatabase: undefined }),
      );
    });

    it.each([
      ['NOT_FOUND', 'missing'],
      ['DENIED', 'unreadable'],
    ] as const)('is incomplete where a file answers %s once it is listed', async (code, problem) => {
      await write([1, 2]);
      const storage = await backupOf(...filesOf([1, 2]));
      const lost = keyOf(filesOf([2])[0] as BackupFile);
      const failing: ObjectReader = {
        list: (...args) => storage.list(...args),
        get: (key, ...rest) => {
          if (key === lost) throw new StorageError(code, 'the file went away', { key });
          return storage.get(key, ...rest);
        },
      };
      const verdict = await verifyOf(failing, level);
      expect(verdict).toMatchObject({ outcome: 'INCOMPLETE', notCompared: [{ key: lost }], findings: [{ problem }] });
      expect(await verify({ storage: failing, instance: 'src', level: 'files' })).toMatchObject({ outcome: 'DAMAGED' });
    });
  });
});

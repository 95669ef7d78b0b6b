import { query, writeRaw } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { planRestore } from '../../src/plan/plan';
import type { StepProgress } from '../../src/progress/steps';
import { restore } from '../../src/restore';
import { verify } from '../../src/verify/verify';
import { backupOf } from '../support/backup';
import { verifyBothWays } from '../support/both-ways';
import { describeOnInfluxd, startMs, startS } from '../support/ground';

/** Lines with every type, missing fields, rewritten points, newlines, escapes, and the limits of int64 and of floats. */
const lines = [
  `m,b=2,a=1 v=1,s="old" ${startS}`,
  `m,a=1,b=2 v=2.5 ${startS}`,
  `m,a=1 i=9223372036854775807i,j=-9223372036854775808i ${startS + 60}`,
  `m,a=1 i=1i,t=true,f=F,e="" ${startS + 120}`,
  `m v=0.1,w=1e300,x=-0,y=5e-324,z=123456789.123456789 ${startS + 180}`,
  `other\\ one,k\\ k=a\\,b s="a\nb \\"q\\" \\\\",u="é日本" ${startS}`,
  `m,a=1,b=2 w=7 ${startS}`,
  `before v=1 -100`,
  '',
].join('\n');

describeOnInfluxd('verify', (ground) => {
  const restored = async () => {
    const storage = await backupOf({ database: ground.database, openedMs: startMs, lines });
    const selection = { storage, instance: 'src' };
    await restore(await planRestore(selection), ground.options());
    return { ...selection, to: { url: ground.influxd.url } };
  };

  for (const level of ['counts', 'content'] as const) {
    it(`finds a restored backup equal by ${level}`, async () => {
      const verdict = await verifyBothWays({ ...(await restored()), level }, ground.influxd);
      expect(verdict).toEqual({
        level,
        outcome: 'EQUAL',
        equal: true,
        mismatches: [],
        absentPolicies: [],
        seedOnly: [],
        notCompared: [],
        comparedFrom: undefined,
        points: 6,
        findings: [],
      });
    });

    it(`reports how far it has come by ${level}: first in the files, then in the database`, async () => {
      const states: StepProgress[] = [];
      await verify({ ...(await restored()), level, onProgress: (state) => states.push(state) });
      expect([...new Set(states.map(({ step }) => step))]).toEqual(['files', 'database']);
      const ends = ['files', 'database'].map((step) => states.findLast((state) => state.step === step));
      for (const end of ends) expect(end).toMatchObject({ done: end?.total, etaMs: 0 });
      expect(ends[1]).toMatchObject({ total: 6 });
    });

    it(`names the measurement, fields and time of a missing point by ${level}`, async () => {
      const options = await restored();
      await query(ground.influxd.url, ground.database, `DELETE FROM m WHERE time = ${startS + 120}s`);
      const verdict = await verifyBothWays({ ...options, level }, ground.influxd);
      expect(verdict.mismatches).toEqual([
        {
          instance: 'src',
          database: ground.database,
          retentionPolicy: 'autogen',
          measurement: 'm',
          fields: ['e', 'f', 'i', 't'],
          from: BigInt(startS + 120) * 1_000_000_000n,
          until: BigInt(startS + 180) * 1_000_000_000n,
          inBackup: 1,
          inDatabase: 0,
          missing: 1,
          extra: 0,
          differentMax: 0,
        },
      ]);
      expect(verdict.equal).toBe(false);
    });

    it(`names a point that only the database has by ${level}`, async () => {
      const options = await restored();
      await writeRaw(ground.influxd.url, ground.database, `stray v=1 ${startS}000000000`);
      const { mismatches } = await verifyBothWays({ ...options, level }, ground.influxd);
      expect(mismatches).toMatchObject([
        { measurement: 'stray', fields: ['v'], missing: 0, extra: 1, differentMax: 0 },
      ]);
    });
  }

  it('finds an altered value by content, and not by counts', async () => {
    const options = await restored();
    await writeRaw(ground.influxd.url, ground.database, `m,a=1 i=9223372036854775806i ${startS + 60}000000000`);
    expect((await verify({ ...options, level: 'counts' })).equal).toBe(true);
    const { mismatches } = await verifyBothWays({ ...options, level: 'content' }, ground.influxd);
    expect(mismatches).toMatchObject([{ measurement: 'm', fields: ['i'], missing: 0, extra: 0, differentMax: 1 }]);
  });

  it('names the values that differ, up to the requested number', async () => {
    const options = await restored();
    const at = (seconds: number) => `${startS + seconds}000000000`;
    await writeRaw(ground.influxd.url, ground.database, `m,a=1 i=9223372036854775806i ${at(60)}\nm z=1 ${at(181)}`);
    await query(ground.influxd.url, ground.database, `DELETE FROM m WHERE time = ${startS + 120}s`);
    const { differingPoints = [] } = await verifyBothWays({ ...options, level: 'content', points: 10 }, ground.influxd);
    const named = differingPoints.map(({ tags, time, field, inBackup, inDatabase }) => {
      return [tags, String(time), field, inBackup, inDatabase];
    });
    expect(named).toHaveLength(6);
    expect(named).toEqual(
      expect.arrayContaining([
        [{ a: '1' }, at(60), 'i', 9223372036854775807n, 9223372036854775806n],
        [{}, at(181), 'z', undefined, 1],
        [{ a: '1' }, at(120), 'i', 1n, undefined],
        [{ a: '1' }, at(120), 't', true, undefined],
        [{ a: '1' }, at(120), 'f', false, undefined],
        [{ a: '1' }, at(120), 'e', '', undefined],
      ]),
    );
    const few = await verify({ ...options, level: 'counts', points: 2 });
    expect(few.differingPoints).toHaveLength(2);
    expect(await verify({ ...options, level: 'content' })).not.toHaveProperty('differingPoints');
  });

  it('names no value at or after the end of the compared range', async () => {
    const options = await restored();
    const at = (seconds: number) => `${startS + seconds}000000000`;
    await writeRaw(ground.influxd.url, ground.database, `m,a=1 i=2i ${at(120)}\nm stray=1 ${at(150)}`);
    const { equal, differingPoints } = await verify({
      ...options,
      level: 'content',
      points: 10,
      until: BigInt(at(130)),
    });
    expect(equal).toBe(false);
    expect(differingPoints).toMatchObject([{ time: BigInt(at(120)), field: 'i', inBackup: 1n, inDatabase: 2n }]);
  });

  it('does not compare points that may have expired, and reports the time from which it compared', async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const storage = await backupOf({
      database: ground.database,
      retentionPolicy: 'short',
      openedMs: startMs,
      lines: `m v=1 ${nowS}\nm v=2 ${nowS - 86_400}\nm v=3 ${nowS - 3_600 + 100}\n`,
      header: { policy: { duration: '1h' } },
    });
    const to = { url: ground.influxd.url };
    const plan = await planRestore({ storage, instance: 'src' });
    await restore(plan, { to, journalFile: ground.workspace.journalFile, rejectsDir: ground.workspace.rejectsDir });
    const verdict = await verifyBothWays({ storage, instance: 'src', to, level: 'content' }, ground.influxd);
    expect(verdict).toMatchObject({ equal: true, points: 1 });
    const age = BigInt(Date.now()) * 1_000_000n - (verdict.comparedFrom ?? 0n);
    expect(age / 1_000_000_000n).toBeLessThan(3_600n);
  });

  it('tells databases and policies apart that hold the same series at the same times', async () => {
    const files = [1, 2, 3].map((n) => ({
      database: `${ground.database}_${n % 2}`,
      retentionPolicy: `rp_${n}`,
      openedMs: startMs + n,
      lines: `m,a=1 v=${n} ${startS}\n`,
      header: { policy: { duration: 'INF' } },
    }));
    const storage = await backupOf(...files);
    const selection = { storage, instance: 'src' };
    const to = { url: ground.influxd.url };
    await restore(await planRestore(selection), {
      to,
      journalFile: ground.workspace.journalFile,
      rejectsDir: ground.workspace.rejectsDir,
    });
    for (const level of ['counts', 'content'] as const) {
      expect(await verifyBothWays({ ...selection, to, level }, ground.influxd)).toMatchObject({
        equal: true,
        points: 3,
      });
    }
  });
});

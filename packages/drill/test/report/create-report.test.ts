import { afterEach, describe, expect, it, vi } from 'vitest';
import { hour } from '../../../storage/test/ledger/bucket';
import { createReport } from '../../src/index';
import { empty, gappy, healthy, type Looked, putDrill } from './backups';

afterEach(() => void vi.useRealTimers());

async function textOf({ storage, nowMs }: Looked, more = {}): Promise<{ text: string; isGood: boolean }> {
  vi.useFakeTimers({ now: nowMs, toFake: ['Date'] });
  const { html, isGood } = await createReport({ storage, backup: 'gs://my-bucket', ...more });
  return { text: html, isGood };
}

/** Returns what the calendar of a database says in words. */
function calendarOf(text: string, database: string): string {
  return new RegExp(`<h3><bdi>${database}</bdi>.*?aria-label="([^"]*)"`, 's').exec(text)?.[1] ?? '';
}

describe('a report', () => {
  it('says of a healthy backup that it is good, that there is nothing to do, and on which days nothing was written', async () => {
    const { text, isGood } = await textOf(await healthy());
    expect(isGood).toBe(true);
    expect(text).toContain('The backup is good');
    expect(text).toContain('Nothing: all is well');
    expect(text).toContain('<b>PASS, 1 d ago</b>');
    expect(calendarOf(text, 'site_6')).toBe('2026: quiet on 9 days; stored on 51 days');
  });

  it('names each thing that is wrong, its days, and what to do', async () => {
    const { text, isGood } = await textOf(await gappy(), { goalMs: hour });
    expect(isGood).toBe(false);
    expect(calendarOf(text, 'site_6')).toContain('lost on 3 days: 11-03 to 11-05');
    expect(calendarOf(text, 'site_6')).toContain('silent on ');
    expect(calendarOf(text, 'metrics')).toContain('damaged on 1 day: 11-12');
    expect(calendarOf(text, 'metrics')).toContain('unvouched on 1 day: 10-16');
    expect(calendarOf(text, 'metrics')).toContain('late on ');
    expect(text).toContain('ceres seed gs://my-bucket --instance influxdb-0 --source tcp://127.0.0.1:8088 --again');
    expect(text).toContain('ceres check gs://my-bucket --instance influxdb-0');
    expect(text).toContain('The last drill ended with FAIL');
    expect(text).toContain('1 h 30 min, longer than the goal');
    expect(text).toContain('10 s, within the goal');
  });

  it('says that there is no backup, and how to begin one', async () => {
    const { text, isGood } = await textOf(empty());
    expect([isGood, text.includes('There is no backup here'), text.includes('ceres seed STORAGE-URL')]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('reminds of a drill that is more than a week old, or missing, or slower than the goal', async () => {
    const looked = await healthy();
    const later = { ...looked, nowMs: looked.nowMs + 20 * 24 * hour };
    expect((await textOf(later)).text).toContain('The last drill is more than a week ago');
    for (const key of [...looked.storage.objects.keys()])
      if (key.startsWith('~drills/')) looked.storage.objects.delete(key);
    expect((await textOf(looked)).text).toContain('No drill yet');
    putDrill(looked.storage, 1, { began: new Date(looked.nowMs).toISOString() });
    expect((await textOf(looked, { goalMs: 5_000 })).text).toContain('The last drill took longer than the goal');
  });

  it('reads names, ledgers and certificates, and no file', async () => {
    const looked = await healthy();
    await textOf(looked);
    expect(looked.storage.read.filter((key) => !key.startsWith('~'))).toEqual([]);
  });

  it('refuses an option that it does not know, a goal that is none, and an instance that is not there', async () => {
    const { storage } = await healthy({ days: 2 });
    const refused = { name: 'DrillError', code: 'INVALID_OPTIONS' };
    await expect(createReport({ storage, gaol: 1 } as never)).rejects.toMatchObject(refused);
    await expect(createReport({ storage, goalMs: 0 })).rejects.toMatchObject(refused);
    await expect(createReport({ storage, certificates: {} as never })).rejects.toMatchObject(refused);
    await expect(createReport({ storage, instance: 'another' })).rejects.toMatchObject({ code: 'NO_FILES' });
  });
});

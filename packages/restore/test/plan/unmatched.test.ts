import { beforeAll, describe, expect, it } from 'vitest';
import { planRestore } from '../../src/plan/plan';
import type { Selection } from '../../src/plan/types';
import { backupStatus } from '../../src/status/backup-status';
import { verify } from '../../src/verify/verify';
import { backupOf, keyOf } from '../support/backup';

const openedMs = Date.UTC(2024, 0, 10, 8);
const firstS = Date.UTC(2024, 0, 10, 7) / 1000;
const lines = `cpu,h=a v=1 ${firstS}\nmem v=2 ${firstS + 60}\n`;
const files = [
  { database: 'metrics', retentionPolicy: 'rp_5d', openedMs, lines },
  { database: 'metrics', retentionPolicy: 'rp_30d', openedMs: openedMs + 60_000, lines },
  { database: 'audit', openedMs, lines: `login v=1 ${firstS}\n` },
  { instance: 'other', database: 'db', openedMs, lines },
];
const excluded = keyOf(files[2] as (typeof files)[number]);
const ns = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n;

/** Each filter that matches nothing, with what the error says that there is. */
const unmatched: readonly (readonly [
  string,
  Omit<Selection, 'storage' | 'instance'> & { instance?: string },
  RegExp,
])[] = [
  [
    'an instance',
    { instance: 'scr' },
    /no file of the instance 'scr'\. There are 'other', 'src'\. Did you mean 'src'\?/,
  ],
  [
    'a database',
    { databases: ['metric'] },
    /'src' has no database 'metric'\. There are 'audit', 'metrics'\. Did you mean 'metrics'\?/,
  ],
  ['one of several databases', { databases: ['audit', 'x'] }, /no database 'x'\. There are 'audit', 'metrics'\.$/],
  [
    'a policy',
    { databases: ['metrics'], retentionPolicies: ['rp_5'] },
    /'metrics' has no policy 'rp_5'\. There are 'rp_30d', 'rp_5d'\. Did you mean 'rp_5d'\?/,
  ],
  [
    'one of several policies',
    { retentionPolicies: ['', 'forever'] },
    /'src' has no policy 'forever'\. There are '', 'rp_30d', 'rp_5d'\.$/,
  ],
  [
    'times of points',
    { from: ns('2025-01-01T00:00:00Z') },
    /select no file of 'src', although there are some\. Their points are from 2024-01-10T07:00:00Z to 2024-01-10T07:01:00Z\.$/,
  ],
  [
    'times of files',
    { openedBefore: openedMs },
    /They were opened from 2024-01-10T08:00:00Z to 2024-01-10T08:01:00Z\.$/,
  ],
  [
    'a key to exclude',
    { exclude: ['other/db/~default/20240110/x.gz'] },
    /Nothing has the key 'other\/db\/~default\/20240110\/x\.gz' that is excluded/,
  ],
  [
    'a misspelled key to exclude',
    { exclude: [excluded.replace('7000', '7001')] },
    new RegExp(`Nothing has the key '.*7001.*' that is excluded\\. Did you mean '${excluded}'\\?$`),
  ],
  [
    'a key to exclude in a misspelled database',
    { exclude: [excluded.replace('audit', 'audti')] },
    new RegExp(`that is excluded\\. Did you mean '${excluded}'\\?$`),
  ],
  ['everything excluded', { databases: ['audit'], exclude: [excluded] }, /no database 'audit'|Check what is excluded/],
  [
    'a measurement',
    { measurements: ['cpu', 'mems'] },
    /No point of measurement 'mems' is in the selected files of 'src'\. There are 'cpu', 'login', 'mem'\. Did you mean 'mem'\?/,
  ],
];

describe('a filter that matches nothing is an error that lists what there is:', () => {
  let storage: Awaited<ReturnType<typeof backupOf>>;
  beforeAll(async () => {
    storage = await backupOf(...files);
  });

  it.each(unmatched)('%s, of a plan', async (_name, filter, reason) => {
    const planning = planRestore({ storage, instance: 'src', ...filter });
    await expect(planning).rejects.toMatchObject({ code: 'NO_FILES', message: expect.stringMatching(reason) });
  });

  it.each(unmatched.filter(([name]) => name !== 'a measurement'))('%s, of a check', async (_name, filter, reason) => {
    const checking = verify({ storage, instance: 'src', level: 'files', ...filter });
    await expect(checking).rejects.toMatchObject({ code: 'NO_FILES', message: expect.stringMatching(reason) });
  });

  it('an instance, of a status', async () => {
    await expect(backupStatus({ storage, instance: 'scr' })).rejects.toMatchObject({
      code: 'NO_FILES',
      message: expect.stringContaining("There are 'other', 'src'. Did you mean 'src'?"),
    });
  });

  it.each([
    ['mapDatabase', { metric: 'new' }, "(`mapDatabase`|database).*'audit', 'metrics'.*'metric'"],
    ['mapRetentionPolicy', { rp_5: 'new' }, "'rp_30d', 'rp_5d'.*'rp_5'"],
  ])('a name in %s, of a comparison, before the server is asked', async (option, map, reason) => {
    const to = { url: 'http://127.0.0.1:1' };
    const verifying = verify({ storage, instance: 'src', to, [option]: map });
    await expect(verifying).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(new RegExp(reason)),
    });
  });

  it.each([
    { databases: ['metrics'], retentionPolicies: ['rp_5d'] },
    { retentionPolicies: ['', 'rp_30d'] },
    { measurements: ['mem', 'login'] },
    { from: ns('2024-01-10T07:01:00Z'), measurements: ['mem'] },
    { openedFrom: openedMs + 1 },
    { databases: ['metrics'], exclude: [excluded] },
  ])('but not one that matches: %o', async (filter) => {
    expect((await planRestore({ storage, instance: 'src', ...filter })).files).toBeGreaterThan(0);
  });

  it('reads no file whole to find a measurement that the newest file of a policy has', async () => {
    const read: string[] = [];
    const counted = {
      list: storage.list.bind(storage),
      get: (key: string, options?: object) => {
        if (!(options && 'end' in options)) read.push(key);
        return storage.get(key, options);
      },
    };
    await planRestore({ storage: counted, instance: 'src', databases: ['metrics'], measurements: ['mem'] });
    expect(read).toHaveLength(1);
  });
});

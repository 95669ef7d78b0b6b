import { superlinear } from '@ceres/testkit';
import { expect, it } from 'vitest';
import type { Certificate } from '../src/certificate/certificate';
import { readCertificates } from '../src/certificate/read-certificates';
import { chooseSample } from '../src/sample/choose-sample';
import { FrozenBackup, type Partition } from '../src/sample/frozen-backup';
import { timed } from './support/certificate';

const nameBytes = 100;
const idOf = (n: number) => `01a22c8f-2cc0-7acb-8bde-${n.toString(16).padStart(12, '0')}`;
const dayOf = (n: number) =>
  new Date(Date.UTC(2000, 0, 1) + n * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');

/** Lists as many names as fit into a size. */
const listing = (sizeBytes: number, keyOf: (n: number) => string) => ({
  list: async function* (prefix: string) {
    for (let n = 0; n < sizeBytes / nameBytes; n += 1) {
      const key = keyOf(n);
      if (key.startsWith(prefix)) yield { key, sizeBytes: 1, createdMs: n };
    }
  },
  get: async function* () {
    yield Buffer.from('{}');
  },
});

const partitionOf = (database: string, days: number): Partition => {
  const sizes = new Map(Array.from({ length: days }, (_, n) => [dayOf(n), 1]));
  return { database, retentionPolicy: 'rp', files: days, bytes: days, days: sizes };
};

it('a listing, certificates and a sample take a time that grows with their number, and no faster', async () => {
  const drills: Certificate[] = Array.from({ length: 30 }, (_, n) => timed(1_000, 1, { began: dayOf(n) }));
  const work = [
    {
      name: 'a frozen listing of one day',
      prepare: (size: number) => {
        const storage = listing(size, (n) => `i/db/rp/20261101/${idOf(n)}.gz`);
        return async () => {
          const frozen = await FrozenBackup.take(storage, 'i', undefined);
          for await (const _ of frozen.list('i/'));
        };
      },
    },
    {
      name: 'a frozen listing of many databases and days',
      prepare: (size: number) => {
        const storage = listing(size, (n) => `i/db_${n % 1000}/rp/${dayOf(n % 700)}/${idOf(n)}.gz`);
        return async () => (await FrozenBackup.take(storage, 'i', undefined)).newest({});
      },
    },
    {
      name: 'names of certificates',
      prepare: (size: number) => {
        const storage = listing(size, (n) => `~drills/i/${dayOf(n % 700)}/${idOf(n)}.json`);
        return async () => await readCertificates(storage, 'i');
      },
    },
    {
      name: 'a sample of many databases',
      prepare: (size: number) => {
        const partitions = Array.from({ length: size / nameBytes }, (_, n) => partitionOf(`db_${n}`, 1));
        return () => chooseSample(partitions, 50, drills);
      },
    },
    {
      name: 'a sample of many days',
      prepare: (size: number) => {
        const partitions = [partitionOf('db_0', size / nameBytes)];
        return () => chooseSample(partitions, 50, drills);
      },
    },
  ];
  expect(await superlinear(work)).toEqual([]);
});

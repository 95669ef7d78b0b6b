import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { DisasterKind, WatchAlarmKind } from '@ceres/restore';
import { query, writeRaw } from '@ceres/testkit';
import { plants } from '../planted/plant';
import { type Ground, measurements } from '../planted/write-backup';
import type { Service } from './service';

/** A fault: what makes it, what the watch must raise, and what the diagnosis must name. */
export interface WatchedFault {
  readonly plant: (ground: Ground, service: Service) => Promise<void>;
  readonly alarms: readonly WatchAlarmKind[];
  readonly disaster: DisasterKind;
  readonly cure: string;
}

const damaged = { disaster: 'damaged-backup', cure: 'seed again' } as const;

function planted(kind: string, rest: Omit<WatchedFault, 'plant'>): WatchedFault {
  return {
    plant: async (ground) => {
      await plants[kind]?.(ground);
    },
    ...rest,
  };
}

/** The 20 kinds: those of `--planted`, and six that only a watch finds. */
export const watchedFaults: Readonly<Record<string, WatchedFault>> = {
  'flipped bit': planted('flipped bit', { alarms: [], ...damaged }),
  'cut file': planted('cut file', { alarms: [], ...damaged }),
  'lost file': planted('lost file', { alarms: ['lost'], ...damaged }),
  'lost newest file': planted('lost newest file', { alarms: ['lost'], ...damaged }),
  'lost day': planted('lost day', { alarms: ['lost'], ...damaged }),
  'lying summary': planted('lying summary', { alarms: [], ...damaged }),
  'foreign file': planted('foreign file', { alarms: ['unvouched'], ...damaged }),
  'duplicate under another key': planted('duplicate under another key', {
    alarms: ['unvouched'],
    disaster: 'unvouched-files',
    cure: 'check',
  }),
  'altered point': planted('altered point', { alarms: ['different'], disaster: 'partial-damage', cure: 'heal' }),
  'missing point': planted('missing point', { alarms: ['missing'], disaster: 'partial-damage', cure: 'heal' }),
  'extra point': planted('extra point', { alarms: ['extra'], disaster: 'extra-points', cure: 'seed again' }),
  'dropped measurement': planted('dropped measurement', {
    alarms: ['missing'],
    disaster: 'lost-points',
    cure: 'restore',
  }),
  'dropped policy': planted('dropped policy', { alarms: ['missing'], disaster: 'dropped-policy', cure: 'restore' }),
  'dropped database': planted('dropped database', {
    alarms: ['missing'],
    disaster: 'dropped-database',
    cure: 'restore',
  }),
  'changed type': { plant: changeType, alarms: ['changed-type'], disaster: 'changed-type', cure: 'wipe' },
  'shifted time': { plant: shiftTime, alarms: ['missing', 'extra'], disaster: 'shifted-time', cure: 'wipe' },
  'swapped tags': { plant: swapTags, alarms: ['missing', 'extra'], disaster: 'swapped-tags', cure: 'wipe' },
  'half-applied wipe': { plant: wipeHalf, alarms: ['missing'], disaster: 'lost-points', cure: 'restore' },
  'sink that stopped': {
    plant: async ({ root }, service) => {
      service.refuses = 'everything'; // as seen from the bucket: nothing comes any more
      await pause(300);
      await backdate(join(root, '~heartbeat'), 2 * 3_600_000);
    },
    alarms: ['silent'],
    disaster: 'silent-sink',
    cure: 'start the sink',
  },
  'spool that never drained': {
    plant: async (_, service) => {
      service.refuses = 'files';
      await service.write([{ tags: { a: 'x', b: 'y' }, v: 1 }]);
      void service.sink.flush().catch(() => undefined);
      await pause(300);
      service.aheadMs = 2 * 3_600_000;
      await pause(700);
    },
    alarms: ['late'],
    disaster: 'late-sink',
    cure: 'start the sink',
  },
};

/** Makes files older than they are. */
async function backdate(folder: string, byMs: number): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (name.endsWith('.gz')) await utimes(path, (mtimeMs - byMs) / 1_000, (mtimeMs - byMs) / 1_000);
  }
}

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

/** A row of a policy as it is stored. */
interface Row {
  readonly measurement: string;
  readonly host: string;
  readonly timeNs: bigint;
  readonly value: number;
  readonly text: string;
}

async function rowsOf({ url }: Ground, database: string, policy: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const measurement of measurements) {
    const found = await query(url, database, `SELECT host, value, text FROM ${policy}.${measurement}`);
    for (const { values } of found) {
      for (const [time, host, value, text] of values) {
        const timeNs = BigInt(Date.parse(String(time))) * 1_000_000n;
        rows.push({ measurement, host: String(host), timeNs, value: Number(value), text: String(text) });
      }
    }
  }
  return rows;
}

/** Drops the shards of a policy and writes its points again, with another type of one field. */
async function changeType(ground: Ground): Promise<void> {
  const [database = '', policy = ''] = [ground.databases[0], ground.policies[0]];
  const rows = await rowsOf(ground, database, policy);
  await dropShards(ground, database, policy);
  const lines = rows.map(
    ({ measurement, host, timeNs, value, text }) =>
      `${measurement},host=${host} value="${value}",text="${text}" ${timeNs}`,
  );
  await writeRaw(ground.url, database, lines.join('\n'), { rp: policy });
}

/** Moves the points of one series by up to an hour. */
async function shiftTime(ground: Ground): Promise<void> {
  const [database = '', measurement = ''] = [ground.databases[0], measurements[0]];
  const byMs = 500 + Math.floor(ground.random() * 3_600_000);
  const lines = new Map<string, string[]>();
  for (const policy of ground.policies) {
    const rows = (await rowsOf(ground, database, policy)).filter(
      (row) => row.measurement === measurement && row.host === 'a',
    );
    const moved = rows.map(
      ({ timeNs, value, text }) =>
        `${measurement},host=a value=${value},text="${text}" ${timeNs + BigInt(byMs) * 1_000_000n}`,
    );
    lines.set(policy, moved);
  }
  await query(ground.url, database, `DELETE FROM ${measurement} WHERE host = 'a'`);
  for (const [policy, moved] of lines) await writeRaw(ground.url, database, moved.join('\n'), { rp: policy });
}

/** Writes the points of the service again with the values of two tags in each other's place. */
async function swapTags({ url }: Ground, { database }: Service): Promise<void> {
  const lines: string[] = [];
  for (const { values } of await query(url, database, 'SELECT a, b, v FROM own')) {
    for (const [time, a, b, v] of values) {
      lines.push(`own,a=${b},b=${a} v=${v} ${BigInt(Date.parse(String(time))) * 1_000_000n}`);
    }
  }
  await query(url, database, 'DROP SERIES FROM own');
  await writeRaw(url, database, lines.join('\n'));
}

/** Drops what a wipe drops, and restores nothing. */
async function wipeHalf(ground: Ground): Promise<void> {
  const [database = '', policy = ''] = [ground.databases[0], ground.policies[0]];
  await dropShards(ground, database, policy);
}

async function dropShards({ url }: Ground, database: string, policy: string): Promise<void> {
  for (const { name, columns, values } of await query(url, '', 'SHOW SHARDS')) {
    if (name !== database) continue;
    for (const row of values) {
      if (row[columns.indexOf('retention_policy')] === policy) await query(url, '', `DROP SHARD ${row[0]}`);
    }
  }
}

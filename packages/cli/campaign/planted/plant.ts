import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { formatKey, type LedgerFinding, type LostFiles, parseKey } from '@ceres/storage';
import { query, writeRaw } from '@ceres/testkit';
import type { Answers } from './commands';
import { type Ground, instance, measurements } from './write-backup';

/** Damage that was planted, and whether the answers name it. */
interface Planted {
  readonly what: string;
  isNamed(answers: Answers): boolean;
}

/** Plants one kind of damage. */
type Plant = (ground: Ground) => Promise<Planted>;

const inPolicy = (database: string, policy: string) => `"${database}"."${policy}"`;

/** The 14 kinds. The first eight are in the backup, the others in the database. */
export const plants: Readonly<Record<string, Plant>> = {
  'flipped bit': async (ground) => {
    const { key, path } = pick(ground, await filesOf(ground));
    const bytes = await readFile(path);
    const text = gunzipSync(bytes);
    for (;;) {
      const struck = Buffer.from(bytes);
      const at = Math.floor(ground.random() * struck.length);
      struck.writeUInt8(struck.readUInt8(at) ^ (1 << Math.floor(ground.random() * 8)), at);
      if (unpacked(struck)?.equals(text)) continue; // a flip that changes no line is no damage
      await writeFile(path, struck);
      return inFile(key);
    }
  },
  'cut file': async (ground) => {
    const { key, path } = pick(ground, await filesOf(ground));
    await truncate(path, Math.floor(ground.random() * (await stat(path)).size));
    return inFile(key);
  },
  'lost file': async (ground) => {
    const { key, path } = pick(ground, await filesOf(ground));
    await rm(path);
    return lost([key]);
  },
  'lost newest file': async (ground) => {
    const { key, path } = (await filesOf(ground))
      .sort((a, b) => (nameOf(a.key) < nameOf(b.key) ? -1 : 1))
      .at(-1) as File;
    await rm(path);
    return lost([key]);
  },
  'lost day': async (ground) => {
    const files = await filesOf(ground);
    const picked = parseKey(pick(ground, files).key);
    const ofDay = files.filter(({ key }) => {
      const parts = parseKey(key);
      return (
        parts?.day === picked?.day &&
        parts?.database === picked?.database &&
        parts?.retentionPolicy === picked?.retentionPolicy
      );
    });
    for (const { path } of ofDay) await rm(path);
    return lost(ofDay.map(({ key }) => key));
  },
  'lying summary': async (ground) => {
    const { key, path } = pick(ground, await filesOf(ground));
    const text = gunzipSync(await readFile(path)).toString('latin1');
    const lying = text.replace(
      /^(# CERES-SUMMARY: .*last=)(\d+)/m,
      (_, before, last) => `${before}${Number(last) - 1}`,
    );
    await writeFile(path, gzipSync(Buffer.from(lying, 'latin1')));
    return inFile(key);
  },
  'foreign file': async (ground) => {
    const { key, path } = pick(ground, await filesOf(ground));
    const parts = parseKey(key);
    if (parts === undefined) throw new Error(`Expected a key of a backup file, got ${key}.`);
    const database = ground.databases.find((name) => name !== parts.database) as string;
    const foreign = formatKey({ ...parts, database, id: sibling(parts.id) });
    await copy(path, join(ground.root, foreign));
    return { what: foreign, isNamed: ({ check, status }) => hasFile(check, foreign) && isUnvouched(status, foreign) };
  },
  'duplicate under another key': async (ground) => {
    const { key, path } = pick(ground, await filesOf(ground));
    const parts = parseKey(key);
    if (parts === undefined) throw new Error(`Expected a key of a backup file, got ${key}.`);
    const duplicate = formatKey({ ...parts, id: sibling(parts.id) });
    await copy(path, join(ground.root, duplicate));
    return { what: duplicate, isNamed: ({ status }) => isUnvouched(status, duplicate) };
  },
  'altered point': async (ground) =>
    await inDatabase(ground, async ({ database, policy, measurement, time, host }) => {
      await writeRaw(ground.url, database, `${measurement},host=${host} value=-1 ${time}`, { rp: policy });
    }),
  'missing point': async (ground) =>
    await inDatabase(ground, async ({ database, measurement, time, host }) => {
      await query(ground.url, database, `DELETE FROM ${measurement} WHERE host = '${host}' AND time = ${time}`);
    }),
  'extra point': async (ground) =>
    await inDatabase(ground, async ({ database, policy, measurement, time, host }) => {
      await writeRaw(ground.url, database, `${measurement},host=${host} value=1 ${BigInt(time) + 1n}`, { rp: policy });
    }),
  'dropped measurement': async (ground) => {
    const database = pick(ground, ground.databases);
    const measurement = pick(ground, measurements);
    await query(ground.url, database, `DROP MEASUREMENT ${measurement}`);
    return differs(`${database} ${measurement}`, (one) => one.database === database && one.measurement === measurement);
  },
  'dropped policy': async (ground) => {
    const database = pick(ground, ground.databases);
    const policy = pick(ground, ground.policies);
    await query(ground.url, database, `DROP RETENTION POLICY ${policy} ON ${database}`);
    return differs(`${database}.${policy}`, (one) => one.database === database && one.retentionPolicy === policy);
  },
  'dropped database': async (ground) => {
    const database = pick(ground, ground.databases);
    await query(ground.url, '', `DROP DATABASE ${database}`);
    return differs(database, (one) => one.database === database);
  },
};

interface File {
  readonly key: string;
  readonly path: string;
}

async function filesOf({ root }: Ground): Promise<File[]> {
  const keys = (await readdir(join(root, instance), { recursive: true })).filter((name) => name.endsWith('.gz')).sort();
  return keys.map((name) => ({ key: `${instance}/${name}`, path: join(root, instance, name) }));
}

function pick<T>({ random }: Ground, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** Returns another id of the same millisecond. */
function sibling(id: string): string {
  return `${id.slice(0, 14)}${randomUUID().slice(14)}`.replace(/^(.{14})./, '$17');
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

function unpacked(gz: Buffer): Buffer | undefined {
  try {
    return gunzipSync(gz);
  } catch {
    return undefined;
  }
}

function hasFile({ findings }: Answers['check'], key: string): boolean {
  return findings.some((finding) => finding.key === key);
}

function inFile(key: string): Planted {
  return { what: key, isNamed: ({ check, verdict }) => hasFile(check, key) && verdict?.equal !== true };
}

function isLost(finding: LedgerFinding): finding is LostFiles {
  return finding.kind === 'lost';
}

/** The losses must add up, and name the partition. */
function lost(keys: readonly string[]): Planted {
  const parts = parseKey(keys[0] ?? '');
  return {
    what: `${keys.length} files of ${parts?.database}.${parts?.retentionPolicy}`,
    isNamed: ({ status, verdict }) => {
      const findings = status.instances.flatMap((one) => one.findings);
      const losses = findings.filter((finding) => isLost(finding));
      const isPlace = losses.every(
        ({ partition }) =>
          partition.database === parts?.database && partition.retentionPolicy === parts?.retentionPolicy,
      );
      return isPlace && losses.reduce((sum, { files }) => sum + files, 0) === keys.length && verdict?.equal !== true;
    },
  };
}

function isUnvouched({ instances }: Answers['status'], key: string): boolean {
  const parts = parseKey(key);
  return instances.some(({ findings }) =>
    findings.some(
      (one) =>
        one.kind === 'unvouched' &&
        one.partition.database === parts?.database &&
        one.partition.retentionPolicy === parts?.retentionPolicy,
    ),
  );
}

type Mismatch = NonNullable<Answers['verdict']>['mismatches'][number];

function differs(what: string, isPlace: (mismatch: Mismatch) => boolean): Planted {
  return {
    what,
    isNamed: ({ verdict }) =>
      verdict !== undefined && verdict.mismatches.length > 0 && verdict.mismatches.every(isPlace),
  };
}

interface Place {
  readonly database: string;
  readonly policy: string;
  readonly measurement: string;
  readonly host: string;
  /** ns since the epoch. */
  readonly time: string;
}

/** Damages one point of the database; verify must name its measurement, and a stretch of time that holds it. */
async function inDatabase(ground: Ground, damage: (place: Place) => Promise<void>): Promise<Planted> {
  const [database, policy] = [pick(ground, ground.databases), pick(ground, ground.policies)];
  const [measurement, host] = [pick(ground, measurements), pick(ground, ['a', 'b'])];
  const series = await query(
    ground.url,
    database,
    `SELECT value FROM ${inPolicy(database, policy)}.${measurement} WHERE host = '${host}'`,
  );
  const time = `${Date.parse(String(pick(ground, series[0]?.values ?? [])?.[0]))}000000`;
  await damage({ database, policy, measurement, host, time });
  const at = BigInt(time);
  return differs(
    `${database}.${policy} ${measurement} at ${time}`,
    (one) => one.database === database && one.measurement === measurement && one.from <= at && at < one.until,
  );
}

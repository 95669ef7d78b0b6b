import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { type Influxd, startInfluxd } from '@ceres/testkit';
import { compileCeres } from '../support/compiled';

/** A small backup, a server, and the compiled command line. */
export interface Ground {
  readonly folder: string;
  /** The folder of the backup: three files of 100 lines each. */
  readonly backup: string;
  readonly program: string;
  readonly server: Influxd;
  stop(): Promise<void>;
}

export const nowS = BigInt(Math.floor(Date.now() / 60_000) * 60 - 1);
const points = Array.from({ length: 100 }, (_, i) => ({
  measurement: 'cpu',
  tags: { host: `h${i % 5}` },
  fields: { usage: i },
  timestamp: nowS - BigInt(i),
}));

export async function makeGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-process-'));
  const backup = join(folder, 'backup');
  const [program, server] = await Promise.all([
    compileCeres(join(folder, 'ceres')),
    startInfluxd(),
    writeBackup(backup),
  ]);
  await installStalling(join(folder, 'ceres'));
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, backup, program, server, stop };
}

async function writeBackup(folder: string): Promise<void> {
  const storage = new LocalStorage(folder);
  const policies = () => ({ duration: '5d', replication: 1, isDefault: true });
  for (const databases of [['db_0', 'db_1'], ['db_0']]) {
    const sink = await BackupSink.open({ storage, spoolDir: `${folder}-spool`, precision: 's', policies });
    for (const database of databases) {
      await sink.write({ instance: 'influxdb-0', database, retentionPolicy: 'rp_5d' }, points);
    }
    await sink.close();
  }
}

/**
 * A storage adapter for `stall:///folder`: the call that `STALL` names, such as `get:influxdb-0/:2` for the second `get` of a key that begins with
 * `influxdb-0/`, never answers, and creates the file `STALLED`.
 */
const adapter = `
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
const [call, prefix, number] = process.env.STALL.split(':');
let calls = 0;
async function pass(what, key, signal) {
  if (what !== call || !key.startsWith(prefix) || ++calls < Number(number)) return;
  writeFileSync(process.env.STALLED, '');
  await new Promise((_, reject) => {
    const alive = setInterval(() => {}, 1000);
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      reject(signal.reason);
    });
  });
}
export function fromUrl(url) {
  const folder = fileURLToPath(url.href.replace('stall:', 'file:'));
  const names = () => readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.gz') && !name.startsWith('~tmp')).sort();
  return {
    async *list(prefix, { startAfter = '', signal } = {}) {
      await pass('list', prefix, signal);
      for (const key of names()) {
        if (!key.startsWith(prefix) || key <= startAfter) continue;
        yield { key, sizeBytes: readFileSync(folder + '/' + key).length, createdMs: Date.now() };
      }
    },
    async *get(key, { start = 0, end, signal } = {}) {
      await pass('get', key, signal);
      yield readFileSync(folder + '/' + key).subarray(start, end);
    },
  };
}
`;

async function installStalling(folder: string): Promise<void> {
  const packageFolder = join(folder, 'node_modules/@ceres/storage-stall');
  await mkdir(packageFolder, { recursive: true });
  await writeFile(
    join(packageFolder, 'package.json'),
    '{"name":"@ceres/storage-stall","type":"module","main":"index.js"}',
  );
  await writeFile(join(packageFolder, 'index.js'), adapter);
}

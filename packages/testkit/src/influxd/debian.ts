import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packages = ['influxdb', 'influxdb-client'];

/**
 * Debian's `influxdb` and `influxdb-client`, unpacked without root into the user's cache and kept there.
 *
 * Any number of processes may ask at once: each unpacks apart, and the first to rename wins.
 *
 * @returns the folder that holds `influxd` and `influx`
 * @throws whatever apt or dpkg said, where there is no Debian mirror
 */
export async function unpackDebianPackages(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ceres');
  const kept = join(cache, `influxdb-debian-${process.arch}`);
  const binaries = join(kept, 'usr/bin');
  if (await exists(join(binaries, 'influxd'))) return binaries;

  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpacking-'));
  try {
    await download(work);
    const debs = (await readdir(work)).filter((name) => name.endsWith('.deb'));
    for (const deb of debs) await run('dpkg-deb', ['-x', join(work, deb), join(work, 'root')]);
    await rename(join(work, 'root'), kept).catch(async (error: unknown) => {
      if (!(await exists(join(binaries, 'influxd')))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return binaries;
}

/** From the machine's package lists, else (a bare image has none) from lists of our own that leave the machine alone. */
async function download(work: string): Promise<void> {
  const asAnyUser = ['-o', 'APT::Sandbox::User=root', '-o', `Dir::Cache=${join(work, 'apt-cache')}`];
  await mkdir(join(work, 'apt-cache/archives/partial'), { recursive: true });
  const fetch = (options: readonly string[]) => run('apt-get', [...options, 'download', ...packages], { cwd: work });
  try {
    await fetch(asAnyUser);
  } catch {
    const lists = join(work, 'apt-lists');
    await mkdir(join(lists, 'partial'), { recursive: true });
    const options = [...asAnyUser, '-o', `Dir::State::lists=${lists}`];
    await run('apt-get', [...options, 'update']);
    await fetch(options);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Python with Debian's `influxdb` module, as the system has it or unpacked without root into the user's cache. */
export interface PythonInfluxdb {
  /** Runs a script with arguments, and resolves with what it printed. */
  run(script: string, args: readonly string[]): Promise<string>;
}

/** Finds or fetches it. If that fails, prints a warning and resolves with `undefined`, or throws in CI (`CI=true`). */
export async function findPythonInfluxdb(): Promise<PythonInfluxdb | undefined> {
  try {
    return (await withModule(undefined)) ?? (await withModule(await unpacked()));
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    const line = '!'.repeat(100);
    const fix = 'Get it with `apt-get install python3-influxdb`.';
    console.warn(
      `${line}\nSKIPPED: the tests with Python's influxdb client. ${fix}\n${(error as Error).message}\n${line}`,
    );
    return undefined;
  }
}

async function withModule(pythonPath: string | undefined): Promise<PythonInfluxdb | undefined> {
  // Debian's own interpreter: its modules are built for that one only.
  const python = (script: string, args: readonly string[]) =>
    run('/usr/bin/python3', ['-c', script, ...args], {
      env: pythonPath === undefined ? process.env : { ...process.env, PYTHONPATH: pythonPath },
    });
  try {
    await python('import influxdb', []);
  } catch (error) {
    if (pythonPath !== undefined) throw error;
    return undefined;
  }
  return { run: async (script, args) => (await python(script, args)).stdout };
}

async function unpacked(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ceres');
  const kept = join(cache, 'python3-influxdb-debian');
  const modules = join(kept, 'usr/lib/python3/dist-packages');
  if (existsSync(join(modules, 'influxdb'))) return modules;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpacking-'));
  try {
    for (const deb of await download(work)) await run('dpkg-deb', ['-x', deb, join(work, 'root')]);
    await rename(join(work, 'root'), kept);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return modules;
}

/** Returns the package and those it needs that this machine lacks; from the machine's package lists, else from our own. */
async function download(work: string): Promise<string[]> {
  const [archives, lists] = [join(work, 'apt/archives'), join(work, 'lists')];
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(join(lists, 'partial'), { recursive: true });
  const common = [
    'APT::Sandbox::User=root',
    'Debug::NoLocking=true',
    'APT::Install-Recommends=false',
    `Dir::Cache=${join(work, 'apt')}`,
  ];
  const apt = (settings: readonly string[], command: readonly string[]) =>
    run('apt-get', [...[...common, ...settings].flatMap((setting) => ['-o', setting]), ...command]);
  const install = ['install', '--download-only', '--yes', 'python3-influxdb'];
  try {
    await apt([], install);
  } catch {
    const ownLists = [`Dir::State::lists=${lists}`];
    await apt(ownLists, ['update']);
    await apt(ownLists, install);
  }
  return (await readdir(archives)).filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));
}

import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { available, once } from '../servers/available';
import { unpackDebianPackages } from '../servers/debian';

const run = promisify(execFile);

export interface CephBinaries {
  /** The folder with `ceph-mon`, `ceph-osd`, `radosgw`, `radosgw-admin`, `monmaptool` and `ceph`. Empty: they are on PATH. */
  readonly binDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** The folder of its plugins, if it is not the one that it was built with. */
  readonly pluginsDir?: string;
}

/**
 * Finds Ceph with its S3 gateway on this machine: on PATH, or else unpacked from Debian's packages. A process looks only once.
 *
 * @throws Error that says how to get it
 */
export const findCephBinaries: () => Promise<CephBinaries> = once(find);

/** Returns whether tests on a real Ceph can run, like `influxdAvailable`. */
export function cephAvailable(): Promise<boolean> {
  return available('a real Ceph', findCephBinaries);
}

async function find(): Promise<CephBinaries> {
  const onPath: CephBinaries = { binDir: '', env: process.env };
  if (
    await runs(onPath).then(
      () => true,
      () => false,
    )
  )
    return onPath;
  try {
    const packages = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'];
    const { binDir, libraryPath } = await unpackDebianPackages(packages, 'radosgw');
    const libraries = libraryPath.split(':').flatMap((folder) => [folder, join(folder, 'ceph')]);
    const python = join(dirname(binDir), 'lib/python3/dist-packages');
    const pluginsDir = await folderWith('rados-classes', libraries);
    const env = {
      ...process.env,
      LD_LIBRARY_PATH: libraries.join(':'),
      PYTHONPATH: python,
      PATH: `${binDir}:${process.env.PATH}`,
    };
    const unpacked = { binDir, env, pluginsDir };
    await runs(unpacked);
    return unpacked;
  } catch (cause) {
    throw new Error(
      'Found no Ceph: radosgw is not on PATH, and Debian’s packages cannot be fetched. ' +
        `Run \`apt-get install radosgw ceph-mon ceph-osd\`. (${cause instanceof Error ? cause.message.trim() : String(cause)})`,
      { cause },
    );
  }
}

async function folderWith(name: string, folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    if ((await readdir(folder).catch((): string[] => [])).includes(name)) return folder;
  }
  throw new Error(`Ceph's packages have no ${name}.`);
}

async function runs({ binDir, env }: CephBinaries): Promise<void> {
  for (const program of ['radosgw', 'ceph-mon', 'ceph-osd']) await run(join(binDir, program), ['--version'], { env });
}

import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keptFolder } from './cache';

const run = promisify(execFile);

export interface UnpackedPackages {
  /** The folder that holds the programs. */
  readonly binDir: string;
  /** The value for `LD_LIBRARY_PATH`: the libraries that the programs need and this machine lacks. */
  readonly libraryPath: string;
}

/**
 * Unpacks Debian packages and their dependencies into the user's cache, without root, and keeps them there.
 *
 * @param program a file that the packages install in `/usr/bin`
 * @throws the error of apt or dpkg, for instance where no Debian mirror can be reached
 */
export async function unpackDebianPackages(packages: readonly string[], program: string): Promise<UnpackedPackages> {
  const name = `${packages[0]}-debian-${process.arch}`;
  const kept = await keptFolder(name, join('usr/bin', program), async ({ folder, work }) => {
    for (const deb of await download(packages, work)) await run('dpkg-deb', ['-x', deb, folder]);
  });
  const libraries = await Promise.all(['usr/lib', 'lib'].map((parent) => foldersIn(join(kept, parent))));
  return { binDir: join(kept, 'usr/bin'), libraryPath: libraries.flat().join(':') };
}

/** Downloads by the machine's package lists. A bare image has none: then by lists of our own, beside the machine's. */
async function download(packages: readonly string[], work: string): Promise<string[]> {
  const archives = join(work, 'apt-cache/archives');
  const lists = join(work, 'apt-lists');
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(join(lists, 'partial'), { recursive: true });
  const asAnyUser = ['APT::Sandbox::User=root', 'Debug::NoLocking=true', `Dir::Cache=${join(work, 'apt-cache')}`];
  // `install` finds the dependencies, and `--download-only` keeps it from installing anything.
  const fetch = (settings: readonly string[]) =>
    apt([...settings, 'APT::Install-Recommends=false'], ['install', '--download-only', '--yes', ...packages]);
  try {
    await fetch(asAnyUser);
  } catch {
    const withOwnLists = [...asAnyUser, `Dir::State::lists=${lists}`];
    await apt(withOwnLists, ['update']);
    await fetch(withOwnLists);
  }
  const names = await readdir(archives);
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));
}

function apt(settings: readonly string[], command: readonly string[]) {
  return run('apt-get', [...settings.flatMap((setting) => ['-o', setting]), ...command]);
}

async function foldersIn(parent: string): Promise<string[]> {
  const names = await readdir(parent).catch(() => []);
  return names.map((name) => join(parent, name));
}

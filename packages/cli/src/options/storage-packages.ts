import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ObjectReader, ObjectWriter } from '@ceres/storage';
import type { StoreProbe } from '@ceres/storage/adapter';
import { InvalidArgumentError } from 'commander';
import { CliError, hasCode } from '../errors';
import type { Terminal } from '../terminal';

/** What a package exports so that a command can open the store of its URLs. */
export interface Adapter {
  fromUrl(url: URL): ObjectReader & ObjectWriter;
}

/** What the entry `/doctor` of a package exports, so that `ceres doctor` can try more than the contract of a storage allows. */
interface DoctorEntry {
  probeFromUrl(url: URL): StoreProbe;
}

/** A package, and how it is loaded. Nothing of it is loaded before that. */
interface StoragePackage {
  /** Its name, or its path. */
  readonly name: string;
  readonly load: () => Promise<unknown>;
  /** Loads its entry `/doctor`; `undefined` for a path, which has no entries. */
  readonly loadDoctor: (() => Promise<unknown>) | undefined;
}

/** The packages that are installed with `ceres`. */
const installed: Readonly<Record<string, StoragePackage>> = {
  'gs:': {
    name: '@ceres/storage-gcs',
    load: () => import('@ceres/storage-gcs'),
    loadDoctor: () => import('@ceres/storage-gcs/doctor'),
  },
  's3:': {
    name: '@ceres/storage-s3',
    load: () => import('@ceres/storage-s3'),
    loadDoctor: () => import('@ceres/storage-s3/doctor'),
  },
  'azblob:': {
    name: '@ceres/storage-azure',
    load: () => import('@ceres/storage-azure'),
    loadDoctor: () => import('@ceres/storage-azure/doctor'),
  },
};

/** Which package opens URLs: those of one scheme, or those of every scheme that no package of ours is for. */
interface Choice {
  /** The scheme with its colon: `swift:`. */
  readonly protocol: string | undefined;
  readonly name: string;
}

const expected = 'a package such as @acme/ceres-swift, for one scheme as in swift=@acme/ceres-swift';

/**
 * Parses the value of `--storage-package`: `NAME`, or `SCHEME=NAME`. A name that begins with `.` or `/` is the path of a module.
 *
 * @throws InvalidArgumentError
 */
export function collectStoragePackage(text: string, earlier: readonly Choice[] = []): readonly Choice[] {
  const [, scheme, name = ''] = /^(?:([a-z][a-z\d+.-]+)=)?([^\s=]+)$/i.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError(`Expected ${expected}.`);
  const protocol = scheme === undefined ? undefined : `${scheme.toLowerCase()}:`;
  if (protocol === 'file:') throw new InvalidArgumentError('Expected another scheme than file, which is built in.');
  return [...earlier, { protocol, name }];
}

/** What `--storage-package` has named, by the terminal on which it was typed. */
const chosen = new WeakMap<Terminal, readonly Choice[]>();

/** Keeps what `--storage-package` has named for the commands on a terminal. */
export function choosePackages(terminal: Terminal, choices: readonly Choice[]): void {
  chosen.set(terminal, choices);
}

/**
 * Loads the adapter for a URL: the package that `--storage-package` or else `CERES_STORAGE_PACKAGES` names for its scheme, or else one of
 * ours, or else the package that they name for any scheme, or else `@ceres/storage-<scheme>`.
 *
 * @throws CliError `INVALID_OPTIONS`
 */
export async function loadAdapter(url: URL, terminal: Terminal): Promise<Adapter> {
  const { name, load: start } = packageFor(url, terminal);
  const loaded = await load(name, url, start);
  if (exportsFunction<Adapter>(loaded, 'fromUrl')) return loaded;
  const message = `${name} is no storage adapter: it exports no function \`fromUrl\`. Check the name of the package.`;
  throw new CliError('INVALID_OPTIONS', message);
}

/**
 * Loads what `ceres doctor` tries on the store of a URL; `undefined` if its adapter has no entry `/doctor`.
 *
 * @throws CliError `INVALID_OPTIONS`
 */
export async function loadDoctor(url: URL, terminal: Terminal): Promise<DoctorEntry | undefined> {
  const { name, loadDoctor: start } = packageFor(url, terminal);
  if (start === undefined) return undefined;
  const loaded = await load(`${name}/doctor`, url, async () => {
    try {
      return await start();
    } catch (error) {
      if (hasCode(error) && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
      if (isNotFound(error, `${name}/doctor`)) return undefined;
      throw error;
    }
  });
  return exportsFunction<DoctorEntry>(loaded, 'probeFromUrl') ? loaded : undefined;
}

function packageFor({ protocol }: URL, terminal: Terminal): StoragePackage {
  const choices = [...(chosen.get(terminal) ?? []), ...choicesOf(terminal.env)];
  const own = choices.find((choice) => choice.protocol === protocol);
  if (own !== undefined) return named(own.name);
  const ours = installed[protocol];
  if (ours !== undefined) return ours;
  const any = choices.find((choice) => choice.protocol === undefined);
  return named(any?.name ?? `@ceres/storage-${protocol.slice(0, -1)}`);
}

function choicesOf({ CERES_STORAGE_PACKAGES: text = '' }: Terminal['env']): readonly Choice[] {
  const words = text.split(',').map((word) => word.trim());
  try {
    return words.filter(Boolean).reduce<readonly Choice[]>((all, word) => collectStoragePackage(word, all), []);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new CliError('INVALID_OPTIONS', `CERES_STORAGE_PACKAGES is '${text}'. ${error.message}`);
  }
}

function named(name: string): StoragePackage {
  if (/^[./]/.test(name)) {
    return { name, load: () => import(pathToFileURL(resolve(name)).href), loadDoctor: undefined };
  }
  return { name, load: () => import(name), loadDoctor: () => import(`${name}/doctor`) };
}

/** Loads a package, and tells one that is not installed from one that is, and fails. */
async function load(name: string, { protocol }: URL, start: () => Promise<unknown>): Promise<unknown> {
  try {
    return await start();
  } catch (cause) {
    const what = `the storage adapter ${name} for ${protocol}// URLs`;
    const message = isNotFound(cause, name)
      ? `Cannot find ${what}. Run: npm install ${name} (with --global, if ceres was installed so), or name another with --storage-package.`
      : `Cannot load ${what}: ${reasonOf(cause)}. It is installed: install it again, or report this to its authors.`;
    throw new CliError('INVALID_OPTIONS', message, { cause });
  }
}

/** Returns whether the module itself was not found. If it was, and something that it imports was not, the message names that. */
function isNotFound(cause: unknown, name: string): boolean {
  if (!(cause instanceof Error)) return false;
  const [, missing = ''] =
    /^(?:Cannot find (?:package|module)|Failed to load url) '?([^\s']+)/.exec(cause.message) ?? [];
  return missing !== '' && [name, resolve(name), pathToFileURL(resolve(name)).href].includes(missing);
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const text = (cause.message.split('\n', 1)[0] ?? '').replace(/\.$/, '');
  return cause.name === 'Error' ? text : `${cause.name}: ${text}`;
}

function exportsFunction<T>(loaded: unknown, name: string): loaded is T {
  return (
    typeof loaded === 'object' && loaded !== null && typeof (loaded as Record<string, unknown>)[name] === 'function'
  );
}

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { utcDay } from '@ceres/internal';
import { formatKey, formatPrefix, type Partition, parseKey } from '@ceres/storage';
import { uuidMs } from './names';

/**
 * The spool on disk. It mirrors the object keys without their day, which the UUID contains anyway: day folders could never
 * be removed again (the FileSystem has no rmdir) and would pile up.
 *
 *     <spoolDir>/~spool/…                                     the lock, the format, the last name issued, the ledger, the reserve for a full disk,
 *                                                             the credentials that a write handler saw accepted
 *     <spoolDir>/<instance>/<database>/<policy>/<file>        one partition, names encoded as in object keys
 *     <spoolDir>/<instance>/<database>/~mixed/<file>          writes to several policies of a database, one of which may be the default
 *     <spoolDir>/~quarantine/<instance>/<database>/<policy>/<file>
 *
 * A file goes through these names on its way; the states in memory and the transitions between them are the table in
 * files/file-states.ts. In every step the file gets its next name by a hard link, the directory is fsynced, and then the old name is
 * removed, so a crash leaves the file under one name, the next, or both; the later one counts. A rename would do on a file system
 * with a journal, but one without may lose both names in a power cut:
 *
 * | name                       | state                                                | after a crash                     |
 * |----------------------------|------------------------------------------------------|-----------------------------------|
 * | `<id>.lp.open`             | open: header, then frames, appended with fdatasync   | cut to its whole, verified frames; becomes `<new id>.lp` |
 * | `<id>.lp`                  | sealed: every frame is whole and verified            | compressed                        |
 * | `<id>.<random>.gz.tmp`     | being compressed                                     | removed; its `.lp` is still there |
 * | `<id>.gz`                  | compressed, waits to be put; wins over an `.lp`      | put                               |
 * | `<id>.tried.gz`            | a put was begun, or is at once: `exists` now means that it arrived | the same bytes are put again |
 * | `<id>.tried.lp`            | the same for a file that was compressed in memory because the disk was full | compressed, put |
 * | (none)                     | stored                                               |                                   |
 *
 * A parked file (refused by the storage for good) keeps its name; a restart retries it.
 * A recovered open segment gets a new id of the same millisecond: it keeps its place in the order, and a clone of the spool
 * cannot compete with the original for one name with different content.
 * `<id>.damaged` holds what a broken disk left of a segment behind its last verified frame, or the whole segment if the disk had no room
 * for a copy; `<id>.damaged.gz` is a `.gz` that is not whole any more. The sink reports both, and leaves them alone.
 */
type SpoolFileKind = 'lp.open' | 'lp' | 'gz.tmp' | 'gz' | 'damaged' | 'damaged.gz';

/** A file name of the spool, taken apart. */
export interface SpoolFileName {
  readonly id: string;
  readonly kind: SpoolFileKind;
  /** True if a put under this id was begun. */
  readonly tried: boolean;
}

/** A database and policy of an instance, or the records refused for it, and where its files are. */
export interface SpoolPartition {
  readonly instance: string;
  readonly database: string;
  /** `''` is the default policy. */
  readonly retentionPolicy: string;
  readonly quarantine: boolean;
  /** True for lines that switch between the default policy and named ones. */
  readonly mixed: boolean;
  readonly directory: string;
}

/** The sink's own folder; it cannot be a partition's, since no encoded name begins with a tilde. */
export const ownFolder = '~spool';
export const quarantineFolder = '~quarantine';

const pattern =
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.(?:(tried)\.)?(lp\.open|lp|gz|damaged|damaged\.gz)|\.[0-9a-f]{8}\.(gz\.tmp))$/;

export function formatSpoolFileName({ id, kind, tried }: SpoolFileName): string {
  return `${id}${tried ? '.tried' : ''}.${kind}`;
}

/** Returns a name for a `.gz` that is being made; another one with every call. */
export function formatTemporaryName(id: string): string {
  return `${id}.${randomBytes(4).toString('hex')}.gz.tmp`;
}

/** Takes a name apart; `undefined` for a name that this package does not make. */
export function parseSpoolFileName(name: string): SpoolFileName | undefined {
  const [, id, tried, kind, temporary] = pattern.exec(name) ?? [];
  if (id === undefined) return undefined;
  return { id, kind: (kind ?? temporary) as SpoolFileKind, tried: tried !== undefined };
}

/** Returns whether a file of this kind is what a broken disk left, which no one looks for by its id. */
export function isDamage(kind: SpoolFileKind): boolean {
  return kind === 'damaged' || kind === 'damaged.gz';
}

/**
 * Returns where the files of a partition are in the spool.
 *
 * @throws StorageError `INVALID_KEY` if a name is empty or too long once encoded
 */
export function toSpoolPartition(
  spoolDir: string,
  partition: Partition & { readonly mixed?: boolean },
  quarantine: boolean,
): SpoolPartition {
  const { instance, database, retentionPolicy = '', mixed = false } = partition;
  const names = { instance, database, retentionPolicy, quarantine, mixed };
  objectKey(names, '00000000-0000-7000-8000-000000000000'); // refuses a key that would be too long
  const directory = join(spoolDir, formatPrefix(names).slice(0, -1)); // a directory has one spelling: without the last slash
  return { ...names, directory };
}

/** Returns the partition whose files are in `folders` below the spool, if they are spelled as this package spells them. */
export function parseSpoolFolders(spoolDir: string, folders: readonly string[]): SpoolPartition | undefined {
  const parsed = parseKey([...folders, '19700101', '00000000-0000-7000-8000-000000000000.gz'].join('/'));
  return parsed && toSpoolPartition(spoolDir, parsed, parsed.quarantine === true);
}

/** Returns the key that a file will have in the storage. */
export function objectKey(partition: Omit<SpoolPartition, 'directory'>, id: string): string {
  const { instance, database, retentionPolicy, quarantine, mixed } = partition;
  return formatKey({ instance, database, retentionPolicy, quarantine, mixed, day: utcDay(uuidMs(id)), id });
}

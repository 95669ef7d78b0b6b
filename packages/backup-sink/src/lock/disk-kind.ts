import type { FileSystem } from '@ceres/storage';

/** The kind of file system that a spool is on. */
export interface DiskKind {
  /** Its name, such as `ext4` or `NFS`; `unknown` if the type has no name here, or nothing says what it is. */
  readonly name: string;
  /** True if only one kernel at a time can have it mounted, so that it sees every change that is made to it. */
  readonly isLocal: boolean;
}

/**
 * The types of statfs(2) by include/uapi/linux/magic.h; that of ZFS is from OpenZFS.
 *
 * Local are those that live on a device or in memory of one host: a block volume can move to another host, but not be mounted there
 * as well. overlayfs is one of them, since its upper layer cannot be a network file system (the kernel's
 * Documentation/filesystems/overlayfs.rst). What is not listed counts as shared: a sink that is cut off from a network file system
 * for a while renews nothing, and its host may answer it from a cache that does not show the new owner.
 */
const localTypes: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'], // also ext2 and ext3
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0xf2f52010, 'f2fs'],
  [0x2fc12fc1, 'zfs'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlayfs'],
]);

/** Types that a message can call by name. They need no entry to count as shared. */
const sharedTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
]);

/** Says which kind of file system a folder is on. An injected `fs` without `statfs` is unknown. */
export async function diskKindOf(fs: FileSystem, folder: string): Promise<DiskKind> {
  const type = await typeOf(fs, folder);
  if (type === undefined) return { name: 'unknown', isLocal: false };
  const local = localTypes.get(type);
  return { name: local ?? sharedTypes.get(type) ?? 'unknown', isLocal: local !== undefined };
}

async function typeOf(fs: FileSystem, folder: string): Promise<number | undefined> {
  try {
    return (await fs.statfs?.(folder))?.type;
  } catch {
    return undefined; // unknown is the answer that takes nothing over
  }
}

import { DirectoryNode, FileNode, type Node } from './nodes';

/** The calls that can fail. */
export type FsOperation =
  | 'open'
  | 'read'
  | 'write'
  | 'sync'
  | 'datasync'
  | 'truncate'
  | 'close'
  | 'mkdir'
  | 'link'
  | 'rename'
  | 'unlink'
  | 'readdir'
  | 'lstat';

/** A call to the file system that is about to happen. */
export interface FsCall {
  /** The number of the call since the disk was made, from 1. */
  readonly n: number;
  readonly operation: FsOperation;
  readonly path: string;
}

/** What goes wrong with a call. */
export interface FsFault {
  /** `short` is a write that takes only a part of the bytes, without an error. It affects no other call. */
  readonly kind: 'EIO' | 'ENOSPC' | 'EROFS' | 'short';
  /** How much of the call took effect in spite of the fault, from 0 to 1. Default: 0. */
  readonly done?: number;
}

/** What a file system cannot do, as network and FUSE mounts cannot: the errno with which it refuses. */
export interface Lacks {
  directoryFsync?: string;
  hardLinks?: string;
}

/** Makes an error as `node:fs/promises` throws it. */
export function failure(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, path, syscall: operation });
}

/**
 * A disk in memory that can fail and forget. After a crash only what was fsynced is certain, file by file and name by
 * name; anything else may survive or not, in any combination. It is harsher than ext4 with a journal in three ways: an fsync of a new file
 * does not keep the file's name, nothing keeps the order of two changes, and a crash may keep one half of a file's rename: both
 * names, or neither. So does ext4 without a journal when the names stand in two blocks of the directory.
 */
export class FaultyDisk {
  /** Decides whether a call fails, and how. */
  fault: ((call: FsCall) => FsFault | undefined) | undefined;
  /** The room for all files together. A write beyond it stores what fits, and the next one fails with ENOSPC. */
  capacityBytes = Infinity;
  /** What the file system cannot do. Default: it can do everything. */
  lacks: Lacks = {};
  calls = 0;
  faults = 0;
  /** Counts crashes and kills. Calls of a file system from an earlier generation never return. */
  generation = 0;
  readonly root = new DirectoryNode();
  readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  /** Makes the host lose power. File systems that were mounted before are gone with their process. */
  crash(): void {
    this.generation += 1;
    this.root.crash(this.random);
  }

  /** Kills the process while the host lives on, so that the disk forgets nothing. */
  kill(): void {
    this.generation += 1;
  }

  /** Makes another disk that holds, durably, what a reader sees now: a cloned volume. */
  clone(): FaultyDisk {
    const copy = new FaultyDisk(this.random);
    copyInto(copy.root, this.root);
    return copy;
  }

  freeBytes(): number {
    return this.capacityBytes === Infinity ? Infinity : this.capacityBytes - this.usedBytes();
  }

  usedBytes(): number {
    let sum = 0;
    const add = (node: Node) => {
      if (node instanceof FileNode) sum += node.content.length;
      else for (const child of node.names.values()) add(child);
    };
    add(this.root);
    return sum;
  }

  /** Returns the paths of all files, sorted. */
  files(): string[] {
    const paths: string[] = [];
    const walk = (directory: DirectoryNode, path: string) => {
      for (const [name, node] of directory.names) {
        if (node instanceof FileNode) paths.push(`${path}/${name}`);
        else walk(node, `${path}/${name}`);
      }
    };
    walk(this.root, '');
    return paths.sort();
  }

  /** Counts a call, and returns the fault that it meets, if any. */
  faultOf(operation: FsOperation, path: string): FsFault | undefined {
    this.calls += 1;
    const fault = this.fault?.({ n: this.calls, operation, path });
    if (fault !== undefined) this.faults += 1;
    return fault;
  }
}

function copyInto(to: DirectoryNode, from: DirectoryNode): void {
  for (const [name, node] of from.names) {
    const copy = node instanceof FileNode ? new FileNode() : new DirectoryNode();
    if (node instanceof FileNode && copy instanceof FileNode) copy.write(0, node.content);
    if (node instanceof DirectoryNode && copy instanceof DirectoryNode) copyInto(copy, node);
    if (copy instanceof FileNode) copy.sync();
    to.change([[name, copy]]);
  }
  to.sync();
}

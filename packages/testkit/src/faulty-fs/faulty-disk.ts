import { DirectoryNode, FileNode, type Node } from './nodes';

/** The calls that can be made to fail. */
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

/** One call to the file system, before it is made. */
export interface FsCall {
  /** From 1, over the life of the disk. */
  readonly n: number;
  readonly operation: FsOperation;
  readonly path: string;
}

/** What goes wrong with a call. */
export interface FsFault {
  /** `short`: a write that takes only a part, without an error; other calls do not know it. */
  readonly kind: 'EIO' | 'ENOSPC' | 'EROFS' | 'short';
  /** Whether it took effect all the same; of a write, how much. From 0 to 1; default 0. */
  readonly done?: number;
}

/** An error as `node:fs/promises` throws it. */
export function failure(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, path, syscall: operation });
}

/**
 * A disk in memory that can fail, and forget: after a crash only what was fsynced is certain, file by file and name by
 * name; everything else may be there, or not, in any combination. It is harsher than ext4 in that fsyncing a new file does not
 * keep its name, and that nothing keeps the order of two changes.
 */
export class FaultyDisk {
  /** Decides about each call. */
  fault: ((call: FsCall) => FsFault | undefined) | undefined;
  /** Sum of all files; a write past it takes what fits, and then fails with ENOSPC. */
  capacityBytes = Infinity;
  calls = 0;
  faults = 0;
  /** What a crash left behind does nothing any more: its calls never return. */
  generation = 0;
  readonly root = new DirectoryNode();
  readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  /** The host loses power. File systems mounted before are gone with their process. */
  crash(): void {
    this.generation += 1;
    this.root.crash(this.random);
  }

  /** The process is killed, and the host lives: nothing is forgotten. */
  kill(): void {
    this.generation += 1;
  }

  /** Another disk with what a reader would see now, all of it durable: a cloned volume. */
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

  /** The paths of all files, sorted. */
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

  /** Counts a call, and decides on it. */
  judge(operation: FsOperation, path: string): FsFault | undefined {
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

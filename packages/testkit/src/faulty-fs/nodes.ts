/** A change of a file's content that no fsync has made durable. */
type DataChange = { readonly at: number; readonly bytes: Uint8Array } | { readonly truncate: number };

/** A change of a directory that a crash keeps whole or not at all: the names that it sets or removes. */
type NameChange = readonly (readonly [name: string, node: Node | undefined])[];

/**
 * A change that no fsync has made durable. After a failed fsync the kernel forgets that the change is dirty: no later
 * fsync writes it, though it may reach the disk by chance.
 */
interface Pending {
  readonly change: DataChange;
  isForgotten: boolean;
}

export type Node = FileNode | DirectoryNode;

/** A file: the content that readers see, and the content that a crash would leave. */
export class FileNode {
  content: Buffer = Buffer.alloc(0);
  mtimeMs = 0;
  #durable: Buffer = Buffer.alloc(0);
  #pending: Pending[] = [];

  write(at: number, bytes: Uint8Array): void {
    this.#change({ at, bytes: Buffer.from(bytes) });
  }

  truncate(length: number): void {
    this.#change({ truncate: length });
  }

  sync(): void {
    for (const { change, isForgotten } of this.#pending)
      if (!isForgotten) this.#durable = applied(this.#durable, change);
    this.#pending = this.#pending.filter(({ isForgotten }) => isForgotten);
  }

  syncFailed(): void {
    for (const pending of this.#pending) pending.isForgotten = true;
  }

  /** Keeps a random part of each change that was not fsynced: all, nothing, or its first bytes. */
  crash(random: () => number): void {
    for (const { change } of this.#pending) {
      const fate = random();
      if (fate < 0.4) this.#durable = applied(this.#durable, change);
      else if (fate < 0.7 && 'bytes' in change) {
        const bytes = change.bytes.subarray(0, Math.floor(random() * change.bytes.byteLength));
        this.#durable = applied(this.#durable, { ...change, bytes });
      }
    }
    this.#pending = [];
    this.content = Buffer.from(this.#durable);
  }

  #change(change: DataChange): void {
    this.content = applied(this.content, change);
    this.#pending.push({ change, isForgotten: false });
  }
}

/**
 * A directory: the names that readers see, and the names that a crash would leave. After a failed fsync the kernel regards
 * the names as written, as on a file system without a journal: readers see the names that did not reach the disk, but no
 * later fsync writes them.
 */
export class DirectoryNode {
  names = new Map<string, Node>();
  #durable = new Map<string, Node>();
  #pending: NameChange[] = [];

  change(change: NameChange): void {
    apply(this.names, change);
    this.#pending.push(change);
  }

  sync(): void {
    for (const change of this.#pending) apply(this.#durable, change);
    this.#pending = [];
  }

  syncFailed(random: () => number): void {
    for (const change of this.#pending) if (random() < 0.5) apply(this.#durable, change);
    this.#pending = [];
  }

  /** Keeps a random selection of the names that were not fsynced. */
  crash(random: () => number): void {
    for (const change of this.#pending) if (random() < 0.5) apply(this.#durable, change);
    this.#pending = [];
    this.names = new Map(this.#durable);
    for (const node of this.names.values()) node.crash(random);
  }
}

function applied(content: Buffer, change: DataChange): Buffer {
  const length = 'truncate' in change ? change.truncate : Math.max(content.length, change.at + change.bytes.length);
  const result = Buffer.alloc(length);
  content.copy(result);
  if ('bytes' in change) result.set(change.bytes, change.at);
  return result;
}

function apply(names: Map<string, Node>, change: NameChange): void {
  for (const [name, node] of change) {
    if (node === undefined) names.delete(name);
    else names.set(name, node);
  }
}

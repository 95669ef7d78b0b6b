/** A change of a file's content that no fsync has made durable. */
type DataChange = { readonly at: number; readonly bytes: Uint8Array } | { readonly truncate: number };

/** A change of a directory, atomic as a rename is: names that were set, or removed. */
type NameChange = readonly (readonly [name: string, node: Node | undefined])[];

/** Changes since the last fsync. After a failed one the kernel forgets that they are dirty: no later fsync writes them, chance may. */
interface Pending {
  readonly change: DataChange;
  isForgotten: boolean;
}

export type Node = FileNode | DirectoryNode;

/** A file: what readers see, and what a crash would leave. */
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

  /** Of what was not fsynced, any part may have reached the disk: nothing, all, or the first bytes. */
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
 * A directory: its names as seen, and as a crash would leave them. After a failed fsync the kernel takes the names for written, as on a
 * file system without a journal: those that did not reach the disk by then are seen, but no later fsync keeps them.
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

  /** Of the names that were not fsynced, any combination may have reached the disk. */
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

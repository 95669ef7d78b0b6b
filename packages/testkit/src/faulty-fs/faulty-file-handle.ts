import { type FaultyDisk, type FsFault, type FsOperation, failure } from './faulty-disk';
import { FileNode, type Node } from './nodes';

/** Runs a call on the file system that opened the handle. The call may fail before or after its effect. */
export type Run = <T>(operation: FsOperation, effect: (fault?: FsFault) => T) => Promise<T>;

/** An open file, or an open directory, which supports nothing but fsync. */
export class FaultyFileHandle {
  readonly #node: Node;
  readonly #path: string;
  readonly #disk: FaultyDisk;
  readonly #run: Run;
  #position = 0;

  constructor(node: Node, path: string, disk: FaultyDisk, run: Run) {
    this.#node = node;
    this.#path = path;
    this.#disk = disk;
    this.#run = run;
  }

  async write(bytes: Uint8Array, offset = 0, length = bytes.byteLength - offset, position: number | null = null) {
    return await this.#run('write', (fault) => {
      const file = this.#file('write');
      const at = position ?? this.#position;
      const wanted = fault === undefined ? length : Math.floor(length * Math.min(fault.done ?? 0, 0.999));
      const taken = Math.min(wanted, Math.max(0, file.content.length - at) + Math.max(0, this.#disk.freeBytes()));
      if (taken > 0) file.write(at, bytes.subarray(offset, offset + taken));
      if (position === null) this.#position += taken;
      if (fault !== undefined && fault.kind !== 'short') throw failure(fault.kind, 'write', this.#path);
      if (taken === 0 && wanted > 0) throw failure('ENOSPC', 'write', this.#path);
      return { bytesWritten: taken };
    });
  }

  async read(buffer: Uint8Array, offset: number, length: number, position: number | null) {
    return await this.#run('read', () => {
      const at = position ?? this.#position;
      const bytes = this.#file('read').content.subarray(at, at + length);
      buffer.set(bytes, offset);
      if (position === null) this.#position += bytes.length;
      return { bytesRead: bytes.length };
    });
  }

  async sync(): Promise<void> {
    await this.#sync('sync');
  }

  async datasync(): Promise<void> {
    await this.#sync('datasync');
  }

  async truncate(length: number): Promise<void> {
    await this.#run('truncate', () => this.#file('truncate').truncate(length));
  }

  async close(): Promise<void> {
    await this.#run('close', () => undefined);
  }

  async #sync(operation: 'sync' | 'datasync'): Promise<void> {
    await this.#run(operation, (fault) => {
      const refusal = this.#disk.lacks.directoryFsync;
      if (refusal !== undefined && !(this.#node instanceof FileNode)) throw failure(refusal, operation, this.#path);
      if (fault === undefined) return this.#node.sync();
      this.#node.syncFailed(this.#disk.random);
      throw failure(fault.kind, operation, this.#path);
    });
  }

  #file(operation: string): FileNode {
    if (this.#node instanceof FileNode) return this.#node;
    throw failure('EISDIR', operation, this.#path);
  }
}

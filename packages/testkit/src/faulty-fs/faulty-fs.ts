import { type FaultyDisk, type FsFault, type FsOperation, failure } from './faulty-disk';
import { FaultyFileHandle } from './faulty-file-handle';
import { DirectoryNode, FileNode, type Node } from './nodes';

/**
 * A process's view of a FaultyDisk, with the calls of `node:fs/promises` that Ceres uses. After the disk has crashed, its
 * calls never return.
 */
export class FaultyFs {
  readonly #disk: FaultyDisk;
  readonly #generation: number;

  constructor(disk: FaultyDisk) {
    this.#disk = disk;
    this.#generation = disk.generation;
  }

  async open(path: string, flags: string): Promise<FaultyFileHandle> {
    return await this.#call('open', path, () => {
      let node = this.#walk(partsOf(path));
      if (node === undefined) {
        if (!flags.startsWith('w')) throw failure('ENOENT', 'open', path);
        this.#needRoom('open', path);
        const { directory, name } = this.#parentOf(path);
        node = new FileNode();
        directory.change([[name, node]]);
      } else if (flags === 'wx') {
        throw failure('EEXIST', 'open', path);
      } else if (flags === 'w' && node instanceof FileNode) {
        node.truncate(0);
      }
      return new FaultyFileHandle(node, path, this.#disk, (operation, effect) => this.#call(operation, path, effect));
    });
  }

  async mkdir(path: string, options?: { readonly recursive: boolean }): Promise<string | undefined> {
    return await this.#call('mkdir', path, () => {
      if (options?.recursive !== true) {
        const parent = this.#parentOf(path);
        if (parent.directory.names.has(parent.name)) throw failure('EEXIST', 'mkdir', path);
      }
      let firstMade: string | undefined;
      let directory = this.#disk.root;
      let walked = '';
      for (const name of partsOf(path)) {
        walked += `/${name}`;
        let node = directory.names.get(name);
        if (node === undefined) {
          this.#needRoom('mkdir', path);
          node = new DirectoryNode();
          directory.change([[name, node]]);
          firstMade ??= walked;
        }
        if (!(node instanceof DirectoryNode)) throw failure('ENOTDIR', 'mkdir', path);
        directory = node;
      }
      return firstMade;
    });
  }

  async link(from: string, to: string): Promise<void> {
    await this.#call('link', to, () => {
      if (this.#disk.lacks.hardLinks !== undefined) throw failure(this.#disk.lacks.hardLinks, 'link', to);
      const node = this.#nodeAt(from, 'link');
      const { directory, name } = this.#parentOf(to);
      if (directory.names.has(name)) throw failure('EEXIST', 'link', to);
      directory.change([[name, node]]);
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#call('rename', from, () => {
      const node = this.#nodeAt(from, 'rename');
      const source = this.#parentOf(from);
      const target = this.#parentOf(to);
      if (from === to) return;
      const replaced = target.directory.names.get(target.name);
      if (replaced instanceof DirectoryNode && replaced.names.size > 0) throw failure('ENOTEMPTY', 'rename', to);
      if (node instanceof DirectoryNode && source.directory === target.directory) {
        // fsck undoes a directory's second name, so a crash keeps all of its rename or nothing.
        source.directory.change([
          [source.name, undefined],
          [target.name, node],
        ]);
        return;
      }
      target.directory.change([[target.name, node]]);
      source.directory.change([[source.name, undefined]]);
    });
  }

  async unlink(path: string): Promise<void> {
    await this.#call('unlink', path, () => {
      this.#nodeAt(path, 'unlink');
      const { directory, name } = this.#parentOf(path);
      directory.change([[name, undefined]]);
    });
  }

  async readdir(path: string): Promise<string[]> {
    return await this.#call('readdir', path, () => {
      const node = this.#nodeAt(path, 'readdir');
      if (!(node instanceof DirectoryNode)) throw failure('ENOTDIR', 'readdir', path);
      return [...node.names.keys()];
    });
  }

  async lstat(path: string): Promise<FaultyStats> {
    return await this.#call('lstat', path, () => new FaultyStats(this.#nodeAt(path, 'lstat')));
  }

  /** Runs `effect`, which is what the call does. A fault may come before it or after it. */
  async #call<T>(operation: FsOperation, path: string, effect: (fault?: FsFault) => T): Promise<T> {
    await this.#returnsOnlyWhileAlive();
    const fault = this.#disk.faultOf(operation, path);
    if (fault !== undefined && isPartial(operation, fault)) return effect(fault);
    if (fault !== undefined && fault.kind !== 'short') {
      if ((fault.done ?? 0) > 0.5) effect();
      throw failure(fault.kind, operation, path);
    }
    const result = effect();
    await this.#returnsOnlyWhileAlive();
    return result;
  }

  async #returnsOnlyWhileAlive(): Promise<void> {
    await undefined;
    if (this.#disk.generation !== this.#generation) await new Promise(() => undefined);
  }

  #parentOf(path: string): { readonly directory: DirectoryNode; readonly name: string } {
    const parts = partsOf(path);
    const name = parts.pop() ?? '';
    const node = this.#walk(parts);
    if (node === undefined) throw failure('ENOENT', 'lookup', path);
    if (!(node instanceof DirectoryNode)) throw failure('ENOTDIR', 'lookup', path);
    return { directory: node, name };
  }

  #nodeAt(path: string, operation: string): Node {
    const node = this.#walk(partsOf(path));
    if (node === undefined) throw failure('ENOENT', operation, path);
    return node;
  }

  #walk(parts: readonly string[]): Node | undefined {
    let node: Node | undefined = this.#disk.root;
    for (const part of parts) node = node instanceof DirectoryNode ? node.names.get(part) : undefined;
    return node;
  }

  #needRoom(operation: string, path: string): void {
    if (this.#disk.freeBytes() <= 0) throw failure('ENOSPC', operation, path);
  }
}

/** The result of `lstat`. */
class FaultyStats {
  readonly size: number;
  readonly mtimeMs: number;
  readonly #isFile: boolean;

  constructor(node: Node) {
    this.#isFile = node instanceof FileNode;
    this.size = node instanceof FileNode ? node.content.length : 0;
    this.mtimeMs = 0;
  }

  isFile(): boolean {
    return this.#isFile;
  }

  isDirectory(): boolean {
    return !this.#isFile;
  }

  isSymbolicLink(): boolean {
    return false;
  }
}

/** Returns whether the call itself must know of the fault, because it still takes effect in part. */
function isPartial(operation: FsOperation, fault: FsFault): boolean {
  return operation === 'write' || ((operation === 'sync' || operation === 'datasync') && fault.kind !== 'short');
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

import { FileNode, type Node } from './nodes';

/** What `lstat` tells. */
export class FaultyStats {
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

import * as fs from 'node:fs/promises';

/** An open file; of an open directory, only `sync` and `close` are called. */
export interface FileHandle {
  write(
    buffer: Uint8Array,
    offset?: number,
    length?: number,
    position?: number | null,
  ): Promise<{ bytesWritten: number }>;
  read(buffer: Uint8Array, offset: number, length: number, position: number | null): Promise<{ bytesRead: number }>;
  sync(): Promise<void>;
  datasync(): Promise<void>;
  truncate(len: number): Promise<void>;
  close(): Promise<void>;
  /** Tells the device that the file lies on, and its size. A file system that a test injects may lack either. */
  stat?(): Promise<{ readonly dev: number; readonly size?: number }>;
}

/** The calls of `node:fs/promises` that Ceres uses. Node's own module fits, and so does a file system that a test injects. */
export interface FileSystem {
  /** `mode` is that of a file that the call makes, less the process's umask. Default: 0o666. */
  open(path: string, flags: string, mode?: number): Promise<FileHandle>;
  mkdir(path: string, options?: { readonly recursive: boolean }): Promise<unknown>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  /**
   * Says on which type of file system a path is, by the numbers of statfs(2), how many files it can hold, and how many blocks of which size are
   * free for this user. Without it nothing of that is known.
   */
  statfs?(path: string): Promise<{
    readonly type: number;
    readonly files?: number;
    readonly bavail?: number;
    readonly bsize?: number;
  }>;
  lstat(path: string): Promise<{
    size: number;
    mtimeMs: number;
    /** The device and the number of the file; a file system that a test injects may lack them. */
    dev?: number;
    ino?: number;
    isFile(): boolean;
    isDirectory(): boolean;
    isSymbolicLink(): boolean;
  }>;
}

/** The machine's own disks. */
export const nodeFileSystem: FileSystem = fs;

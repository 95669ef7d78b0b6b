import type { FileHandle, FileSystem } from '@ceres/internal';
import { createFsFromVolume, Volume } from 'memfs';

/** Called before every call of the file system, with its name and path. The call throws what it throws. */
export type Watcher = (call: string, path: string) => void;

/** Returns a file system in memory. memfs is a `FileSystem`, although its types are wider. */
export function memoryFs(): FileSystem {
  return createFsFromVolume(new Volume()).promises as unknown as FileSystem;
}

/** Returns a file system that shows every call to `watch` before it makes it. */
export function watchedFs(fs: FileSystem, watch: Watcher): FileSystem {
  const watched = <A extends [path: string, ...rest: never[]], R>(call: string, run: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      watch(call, args[0]);
      return await run(...args);
    };
  };
  return {
    open: watched('open', async (path: string, flags: string) =>
      watchedHandle(await fs.open(path, flags), path, watch),
    ),
    mkdir: watched('mkdir', (path: string, options?: { recursive: boolean }) => fs.mkdir(path, options)),
    link: watched('link', (from: string, to: string) => fs.link(from, to)),
    rename: watched('rename', (from: string, to: string) => fs.rename(from, to)),
    unlink: watched('unlink', (path: string) => fs.unlink(path)),
    readdir: watched('readdir', (path: string) => fs.readdir(path)),
    lstat: watched('lstat', (path: string) => fs.lstat(path)),
  };
}

function watchedHandle(handle: FileHandle, path: string, watch: Watcher): FileHandle {
  const watched = <A extends unknown[], R>(call: string, run: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      watch(call, path);
      return await run(...args);
    };
  };
  return {
    write: watched('write', handle.write.bind(handle) as FileHandle['write']),
    read: watched('read', handle.read.bind(handle) as FileHandle['read']),
    sync: watched('sync', () => handle.sync()),
    datasync: watched('datasync', () => handle.datasync()),
    truncate: watched('truncate', (length: number) => handle.truncate(length)),
    close: watched('close', () => handle.close()),
  };
}

/** Returns the error of a failed call, as Node reports it. */
export function errno(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: injected, ${call} '${path}'`), { code, syscall: call, path });
}

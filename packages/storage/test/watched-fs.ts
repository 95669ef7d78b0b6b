import type { FileHandle, FileSystem } from '@ceres/internal';
import { createFsFromVolume, Volume } from 'memfs';

/** Asked before every call of the file system, with its name and path; what it throws, the call throws. */
export type Watcher = (call: string, path: string) => void;

/** A file system in memory; memfs fits `FileSystem` but for its wider types. */
export function memoryFs(): FileSystem {
  return createFsFromVolume(new Volume()).promises as unknown as FileSystem;
}

/** A file system, with every call shown to `watch` before it is made. */
export function watchedFs(fs: FileSystem, watch: Watcher): FileSystem {
  const told = <A extends [path: string, ...rest: never[]], R>(call: string, run: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      watch(call, args[0]);
      return await run(...args);
    };
  };
  return {
    open: told('open', async (path: string, flags: string) => watchedHandle(await fs.open(path, flags), path, watch)),
    mkdir: told('mkdir', (path: string, options: { recursive: true }) => fs.mkdir(path, options)),
    link: told('link', (from: string, to: string) => fs.link(from, to)),
    rename: told('rename', (from: string, to: string) => fs.rename(from, to)),
    unlink: told('unlink', (path: string) => fs.unlink(path)),
    readdir: told('readdir', (path: string) => fs.readdir(path)),
    lstat: told('lstat', (path: string) => fs.lstat(path)),
  };
}

function watchedHandle(handle: FileHandle, path: string, watch: Watcher): FileHandle {
  const told = <A extends unknown[], R>(call: string, run: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      watch(call, path);
      return await run(...args);
    };
  };
  return {
    write: told('write', handle.write.bind(handle) as FileHandle['write']),
    read: told('read', handle.read.bind(handle) as FileHandle['read']),
    sync: told('sync', () => handle.sync()),
    datasync: told('datasync', () => handle.datasync()),
    truncate: told('truncate', (length: number) => handle.truncate(length)),
    close: told('close', () => handle.close()),
  };
}

/** As node reports a failed call. */
export function errno(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: injected, ${call} '${path}'`), { code, syscall: call, path });
}

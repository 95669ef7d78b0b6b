import type { FileHandle } from '@ceres/storage';
import { SinkError } from '../../errors';

/** Makes the error for a spool that is not where it was at open. */
export function volumeGone(spoolDir: string): SinkError {
  const what = `The volume of the spool ${spoolDir} is gone: it was unmounted, replaced or removed while the sink was open.`;
  const then = 'Nothing is acked on the disk below it. Mount the volume again, then open a new sink.';
  return new SinkError('SPOOL_UNWRITABLE', `${what} ${then}`);
}

/** Returns the number of the device that an open file lies on, or `undefined` if the file system does not say. */
export async function deviceOf(handle: FileHandle): Promise<number | undefined> {
  return (await handle.stat?.())?.dev;
}

/**
 * Checks that a new file lies on the device of the lock. It asks the open file itself: a path may lead to another disk by the time it is
 * looked at. Directories are not compared, since overlayfs gives them a device number of their own.
 *
 * @param device the device of the lock; `undefined` if the file system does not say
 * @throws SinkError `SPOOL_UNWRITABLE`
 */
export async function assertOnDevice(handle: FileHandle, device: number | undefined, spoolDir: string): Promise<void> {
  if (device === undefined) return;
  if ((await deviceOf(handle)) !== device) throw volumeGone(spoolDir);
}

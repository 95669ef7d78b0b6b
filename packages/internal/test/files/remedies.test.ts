import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { remedyOf } from '../../src/index';

const errno = (code: string, cause?: unknown) => Object.assign(new Error(`${code}: failed`, { cause }), { code });

/** What an operator has to do about each error, and what would send them to the wrong place. */
const table: readonly [code: string, says: RegExp][] = [
  ['EACCES', /right to read and write/],
  ['EPERM', /owns the file.*immutable.*policy/],
  ['EROFS', /read-write/],
  ['ENOSPC', /space.*inodes/],
  ['EDQUOT', /quota/],
  ['EFBIG', /ulimit -f/],
  ['EMFILE', /ulimit -n/],
  ['ENFILE', /fs\.file-max/],
  ['ENOMEM', /memory/],
  ['ENOENT', /still there.*mounted/],
  ['ENOTDIR', /path of a directory/],
  ['EISDIR', /path of a file/],
  ['EEXIST', /another path/],
  ['ENOTEMPTY', /Move away/],
  ['EBUSY', /Unmount/],
  ['ENAMETOOLONG', /shorter/],
  ['ELOOP', /symbolic links/],
  ['EXDEV', /one file system/],
  ['EMLINK', /more hard links/],
  ['EINVAL', /does not support/],
  ['ENOSYS', /does not support/],
  ['ENOTSUP', /does not support/],
  ['EOPNOTSUPP', /does not support/],
  ['ESTALE', /Mount the network file system again/],
  ['ENOTCONN', /Mount the file system again/],
  ['ETIMEDOUT', /server of the network file system/],
  ['EHOSTDOWN', /server of the network file system/],
  ['ENODEV', /attached/],
  ['ENXIO', /attached/],
  ['EIO', /the device failed/],
  ['EUCLEAN', /fsck/],
];

describe('the remedy for an error of a file system', () => {
  it.each(table)('fits %s', (code, says) => {
    const remedy = remedyOf(errno(code));
    expect(remedy).toMatch(says);
    expect(remedy).toMatch(/^[A-Z].*[^.]$/);
    if (!['ENOSPC', 'EDQUOT'].includes(code)) expect(remedy).not.toMatch(/space/i);
    if (!['EIO', 'ENODEV', 'ENXIO'].includes(code)) expect(remedy).not.toMatch(/Check the disk/);
  });

  it('is the one for the innermost cause that has an errno, where the error itself has none', () => {
    const wrapped = new Error('cannot write', { cause: new Error('again', { cause: errno('EROFS') }) });
    expect(remedyOf(wrapped)).toBe(remedyOf(errno('EROFS')));
  });

  it('is to try again and look at the disk where nothing is known', () => {
    for (const error of [errno('EWEIRD'), new Error('no errno'), 'a string', undefined]) {
      expect(remedyOf(error)).toMatch(/^Try again/);
    }
  });

  it.runIf(process.platform === 'linux')('knows only names that this system has', () => {
    const names = new Set([...Object.keys(constants.errno), 'EUCLEAN', 'EHOSTDOWN', 'ESTALE', 'EDQUOT', 'ENOTSUP']);
    expect(table.filter(([code]) => !names.has(code))).toEqual([]);
  });
});

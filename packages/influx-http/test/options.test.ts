import { describe, expect, it } from 'vitest';
import { type InfluxServer, InfluxWriter } from '../src/index';

const url = 'http://127.0.0.1:8086';

describe('the options of a server', () => {
  it.each<[string, object, string]>([
    ['a misspelt name', { url, usrname: 'a' }, "unknown option 'usrname': did you mean 'username'?"],
    ['another unit', { url, timeoutS: 1 }, "unknown option 'timeoutS': did you mean 'timeoutMs'?"],
    ['a name like none', { url, database: 'a' }, "unknown option 'database': there are url, username"],
    ['no url', {}, "missing option 'url'"],
    ['no URL', { url: '127.0.0.1:8086' }, "'url'"],
    ['another protocol', { url: 'ftp://host' }, "'url' begins with 'ftp:'"],
    ['a query in the URL', { url: `${url}?db=a` }, "'url' holds '?'"],
    ['a user without password', { url, username: 'a' }, 'go together'],
    ['two credentials', { url, username: 'a', password: 'b', token: 'c' }, 'one credential'],
    ['two credentials, one in the URL', { url: 'http://a:b@host', token: 'c' }, 'one credential'],
    ['a user that Basic cannot carry', { url, username: 'a:b', password: 'c' }, "'username' holds a ':'"],
    ['a token with a line feed', { url, token: 'secret\n' }, "'token' holds"],
    ['a timeout of 0', { url, timeoutMs: 0 }, "'timeoutMs' is 0"],
    ['an endless timeout', { url, idleTimeoutMs: Number.POSITIVE_INFINITY }, "'idleTimeoutMs' is Infinity"],
    ['a timeout that is text', { url, connectTimeoutMs: '5' }, "'connectTimeoutMs' is 5"],
    ['a gzip that is no boolean', { url, gzip: 'yes' }, "'gzip' must be"],
  ])('refuse %s', (_, options, message) => {
    const error = { name: 'InfluxHttpError', code: 'INVALID_OPTIONS', message: expect.stringContaining(message) };
    expect(() => new InfluxWriter(options as InfluxServer)).toThrow(expect.objectContaining(error));
  });

  it('never show a secret in a message', () => {
    for (const options of [
      { url: 'http://user:hush@host?x' },
      { url, token: 'hush hush' },
      { url, username: 'hush:', password: 'hush' },
    ]) {
      expect(() => new InfluxWriter(options)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hush') }),
      );
    }
  });
});

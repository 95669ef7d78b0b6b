import { describe, expect, it } from 'vitest';
import { type InfluxServer, InfluxWriter } from '../src/index';

const url = 'http://127.0.0.1:8086';

describe('the options of a server', () => {
  it.each<[string, object, string]>([
    ['a misspelled name', { url, usrname: 'a' }, 'InfluxServer has no option `usrname`. Did you mean `username`?'],
    ['another unit', { url, timeoutS: 1 }, 'InfluxServer has no option `timeoutS`. Did you mean `timeoutMs`?'],
    ['an unknown name', { url, database: 'a' }, 'InfluxServer has no option `database`. It takes `url`, `username`'],
    ['no url', {}, 'Expected `url` to be the URL of an InfluxDB server'],
    ['a url that is not one', { url: '127.0.0.1:8086' }, 'Expected `url` to be'],
    ['another protocol', { url: 'ftp://host' }, 'Expected `url` to begin with http: or https:, got ftp:'],
    ['a query in the URL', { url: `${url}?db=a` }, 'Expected `url` to name the server alone'],
    ['a user without password', { url, username: 'a' }, 'Expected `username` and `password` together'],
    ['a password that is not a string', { url, username: 'a', password: 5 }, 'Expected `password` to be a string'],
    ['two credentials', { url, username: 'a', password: 'b', token: 'c' }, 'Expected one credential'],
    ['two credentials, one in the URL', { url: 'http://a:b@host', token: 'c' }, 'Expected one credential'],
    ['a % in the user of the URL that encodes nothing', { url: 'http://a%zz:b@host' }, 'Write %25 for a % in it'],
    ['a % in the password of the URL', { url: 'http://a:b%@host' }, 'Write %25 for a % in it'],
    ['a user of the URL that is not UTF-8', { url: 'http://a%ff:b@host' }, 'Write %25 for a % in it'],
    ['a user with a colon', { url, username: 'a:b', password: 'c' }, 'Expected `username` to hold no colon'],
    ['a token with a line feed', { url, token: 'secret\n' }, 'Expected `token` to hold visible ASCII'],
    ['a timeout of 0', { url, timeoutMs: 0 }, 'Expected `timeoutMs` to be a whole number of milliseconds from 1 to'],
    ['an endless timeout', { url, idleTimeoutMs: Infinity }, 'Expected `idleTimeoutMs` to be a whole number'],
    ['a timeout that is text', { url, connectTimeoutMs: '5' }, 'Expected `connectTimeoutMs` to be a whole number'],
    ['a gzip that is not a boolean', { url, gzip: 'yes' }, 'Expected `gzip` to be true or false'],
  ])('refuse %s', (_, options, message) => {
    const error = { name: 'InfluxHttpError', code: 'INVALID_OPTIONS', message: expect.stringContaining(message) };
    expect(() => new InfluxWriter(options as InfluxServer)).toThrow(expect.objectContaining(error));
  });

  it('never show a secret in a message', () => {
    for (const options of [
      { url: 'http://user:hush@host?x' },
      { url: 'user:hush@host' },
      { url: 'http://user:hush%zz@host' },
      { url, username: 'user', password: ['hush'] as unknown as string },
      { url, token: 'hush hush' },
      { url, username: 'hush:', password: 'hush' },
    ]) {
      expect(() => new InfluxWriter(options)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hush') }),
      );
    }
  });
});

import { describe, expect, it } from 'vitest';
import { readRequestTarget } from '../../../../src/tees/write-handler/request/request-target';

describe('a request target', () => {
  it.each([
    ['POST', '/write', 'v1'],
    ['POST', '/write?db=d', 'v1'],
    ['POST', '/api/v2/write?bucket=d', 'v2'],
    ['POST', '/api/v3/write_lp', 'v3'],
    ['POST', '//write', 'v1'],
    ['POST', '/./a/../write/', 'v1'],
    ['POST', '/%77%72ite', 'v1'],
    ['POST', '/%ff/../write?db=d', 'v1'],
    ['POST', '/%C3/..%2fwrite', 'v1'],
    ['POST', '/%C3/..%2Fwrite', 'v1'],
    ['POST', '/%57rite', undefined],
    ['POST', 'HTTP://proxy:8086/write', 'v1'],
    ['GET', '/write', undefined],
    ['POST', '/query', undefined],
    ['POST', '/writes', undefined],
    ['POST', '/write%3Fdb=d', undefined],
    ['POST', '/WRITE', undefined],
  ])('%s %s is a write by %s', (method, url, api) => {
    expect(readRequestTarget(method, url).writeApi).toBe(api);
  });

  it('without a path is refused', () => {
    expect(() => readRequestTarget('OPTIONS', '*')).toThrow(expect.objectContaining({ status: 400 }));
    expect(() => readRequestTarget('POST', 'http://host')).toThrow(expect.objectContaining({ status: 400 }));
  });

  it.each([
    ['/query?q=a%20b&db=d', '/query?q=a%20b&db=d'],
    ['//query?q=a//b/../c', '/query?q=a//b/../c'],
    ['/debug/./pprof/', '/debug/pprof/'],
    ['/%71uery', '/query'],
    ['/x%2fy/../query', '/x/query'],
    ['/query#?db=d', '/query%23?db=d'],
    ['/write%3Fdb=d', '/write%3Fdb=d'],
    ['/caf%C3%A9', '/caf%C3%A9'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/%41%4a%4A%5A%61%7a', '/AJJZaz'],
    ['HTTP://proxy:8086//query', '/query'],
  ])('%s is passed on as it was judged: %s', (url, path) => {
    expect(readRequestTarget('GET', url).path).toBe(path);
  });

  it.each([
    '/../write',
    '/../influx/write',
    '/%2e%2e/influx/write',
    '/.%2E%2finflux/write',
    '//../influx/write',
    '/query/../../influx/write',
    'http://host/../influx/write',
  ])('that climbs above the path of the server is refused: %s', (url) => {
    expect(() => readRequestTarget('POST', url)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining('above') }),
    );
  });

  it.each([
    '/x\\..\\write',
    '\\write',
    '/%5cwrite',
    '/%2577rite',
    '/%zz/../%77rite',
    '/%7/../write',
    '/%7g/../write',
    '/%:7/../write',
    '/write%',
    '/write;x=1',
    '/write%3b',
    '/write%00',
    '/write%0d%0a',
  ])('that servers read in different ways is refused: %s', (url) => {
    expect(() => readRequestTarget('POST', url)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it.each([
    ['db=d&rp=r%z', 'd', null],
    ['db=d%zz&db=e', 'e', null],
    ['db=d&r%p=r&rp=%', 'd', null],
    ['db=d&rp=%72', 'd', 'r'],
  ])('has the parameters that Go reads: %s', (query, db, rp) => {
    const { parameters } = readRequestTarget('POST', `/write?${query}`);
    expect([parameters.get('db'), parameters.get('rp')]).toEqual([db, rp]);
  });

  it('of a write is refused with a semicolon in its query, at which servers before Go 1.17 cut it', () => {
    const refused = expect.objectContaining({ status: 400, message: expect.stringContaining('%3B') });
    expect(() => readRequestTarget('POST', '/write?db=d;rp=r')).toThrow(refused);
    expect(readRequestTarget('POST', '/write?db=d%3Brp').parameters.get('db')).toBe('d;rp');
    expect(readRequestTarget('POST', '/query?q=a;b').path).toBe('/query?q=a;b');
  });
});

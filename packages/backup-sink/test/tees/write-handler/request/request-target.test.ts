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
    ['POST', '/%zz/../%77rite', 'v1'],
    ['POST', 'HTTP://proxy:8086/write', 'v1'],
    ['GET', '/write', undefined],
    ['POST', '/query', undefined],
    ['POST', '/writes', undefined],
    ['POST', '/write%3Fdb=d', undefined],
    ['POST', '/%zz', undefined],
    ['POST', '/WRITE', undefined],
  ])('%s %s is a write by %s', (method, url, api) => {
    expect(readRequestTarget(method, url).writeApi).toBe(api);
  });

  it('without a path is refused', () => {
    expect(() => readRequestTarget('OPTIONS', '*')).toThrow(expect.objectContaining({ status: 400 }));
    expect(() => readRequestTarget('POST', 'http://host')).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('is passed on as it came', () => {
    expect(readRequestTarget('GET', '/query?q=a%20b&db=d')).toMatchObject({ path: '/query?q=a%20b&db=d' });
    expect(readRequestTarget('GET', '//query').path).toBe('//query');
  });
});

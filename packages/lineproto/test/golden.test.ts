import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type FileHeader, readHeader } from '../src/index';
import { readAll } from './support/streams';

// Files that were written once and must always be readable: `<name>.gz` with its header in `<name>.json` and its records in
// `<name>.lp`. Add to them when the format grows; never change or remove one.
const folder = new URL('golden/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.gz'))
  .map((file) => file.slice(0, -'.gz'.length));

function headerOf(name: string): FileHeader {
  const json = readFileSync(new URL(`${name}.json`, folder), 'utf8');
  return JSON.parse(json, (_, value: unknown) =>
    typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as FileHeader;
}

describe('files of earlier versions', () => {
  it('are all still here', () => {
    const v1 = ['v1-awkward', 'v1-default-policy', 'v1-full', 'v1-header-crc', 'v1-named-default', 'v1-seed'];
    expect(names).toEqual(['older-system', ...v1]);
  });

  it.each(names)('include %s, which is read as it was written', async (name) => {
    const gz = readFileSync(new URL(`${name}.gz`, folder));
    expect(readHeader(gz.subarray(0, 4096))).toEqual(headerOf(name));
    const { text, integrity } = await readAll(gz);
    expect(text).toBe(readFileSync(new URL(`${name}.lp`, folder), 'utf8'));
    expect(integrity.status).toBe(name.startsWith('v1-') ? 'sealed' : 'unsealed');
  });
});

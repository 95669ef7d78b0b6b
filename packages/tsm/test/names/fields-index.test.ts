import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/files/byte-source';
import { readFieldsIndex } from '../../src/names/fields-index';
import { measurementOf } from '../../src/names/known-names';
import { fieldChanges, fieldsIndexBytes } from './name-files';

const index = fieldsIndexBytes({
  'odd name': { 'f,y': 'integer', on: 'boolean' },
  empty: {},
  text: { s: 'string', u: 'unsigned' },
});
const read = async (bytes: Uint8Array, changes?: Uint8Array) => {
  const fields = await readFieldsIndex(
    bytesSource('fields.idx', bytes),
    changes === undefined ? undefined : bytesSource('fields.idxl', changes),
  );
  return Object.fromEntries([...fields].map(([measurement, types]) => [measurement, Object.fromEntries(types)]));
};

describe('the index of fields', () => {
  it('has the type of each field, by measurement', async () => {
    expect(await read(index)).toEqual({
      'odd name': { 'f,y': 'integer', on: 'boolean' },
      empty: {},
      text: { s: 'string', u: 'unsigned' },
    });
  });

  it('is added to by its log, whose last set a crash may have cut', async () => {
    const log = Buffer.concat([
      fieldChanges(['text', 'n', 'float'], ['new', 'f', 'float']),
      fieldChanges(['odd name', 'on', 'boolean', true]),
      fieldChanges(['lost', 'f', 'float']).subarray(0, -3),
    ]);
    expect(await read(index, log)).toEqual({
      empty: {},
      text: { s: 'string', u: 'unsigned', n: 'float' },
      new: { f: 'float' },
    });
  });

  it('is refused if it begins otherwise, is cut, or has a type that does not exist', async () => {
    const coded = expect.objectContaining({ code: 'DAMAGED' });
    await expect(read(Buffer.from([0, 6, 1, 2]))).rejects.toThrow(coded);
    await expect(read(index.subarray(0, -3))).rejects.toThrow(coded);
    const other = Buffer.from(index);
    other[other.length - 1] = 7;
    await expect(read(other)).rejects.toThrow(/fields\.idx: A field has the type 7/);
    await expect(read(index, fieldChanges(['a', '', 'float']))).rejects.toThrow(/fields\.idxl: A name is empty/);
  });
});

describe('the measurement of a series key', () => {
  it('ends at its first comma without a backslash, and is not escaped', () => {
    for (const [key, measurement] of [
      ['cpu', 'cpu'],
      ['cpu,host=a', 'cpu'],
      ['odd\\ na\\,me,host=a', 'odd na,me'],
      ['a\\=b\\\\,c,d=e', 'a\\=b\\,c'],
    ] as const)
      expect(measurementOf(Buffer.from(key))).toBe(measurement);
  });
});

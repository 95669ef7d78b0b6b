import {
  type ExactRecords,
  fieldType,
  isTime,
  readPlainBoolean,
  readPlainFloat,
  readPlainInteger,
  unescapeName,
  unescapeString,
} from '@ceres/lineproto/internal';
import { BOOLEAN, FLOAT, fieldTypes, INTEGER, type Measurement, Shape } from '../rows/shape';
import type { TextHeap } from '../rows/text-heap';
import type { UnitRows } from '../rows/unit-rows';
import type { ValueWords } from './value-words';

interface FieldPlace {
  readonly type: number;
  readonly keyStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/**
 * Reads the fields of a valid record by the exact rules: a field `time` is left out, and of a field that is given twice the last value
 * counts.
 *
 * @returns the shape of the record; its values stand in `values`
 */
export function readExactFields(
  bytes: Buffer,
  { layout }: ExactRecords,
  measurement: Measurement,
  { values, text }: Pick<UnitRows, 'values' | 'text'>,
): Shape {
  const places = new Map<string, FieldPlace>();
  const { fields } = layout;
  let isPlain = true;
  for (let i = 0; i < fields.length; i += 3) {
    const [keyStart = 0, valueStart = 0, valueEnd = 0] = [fields[i], fields[i + 1], fields[i + 2]];
    if (isTime(bytes, keyStart, valueStart - 1)) {
      isPlain = false;
      continue;
    }
    const spelled = bytes.toString('latin1', keyStart, valueStart - 1);
    const name = unescapeName(spelled);
    isPlain &&= !spelled.includes('\\') && !places.has(name);
    places.delete(name);
    places.set(name, {
      type: fieldTypes.indexOf(fieldType(bytes, valueStart, valueEnd)),
      keyStart,
      valueStart,
      valueEnd,
    });
  }
  const shape = shapeOf(bytes, measurement, places, isPlain);
  values.reserve(places.size);
  let field = 0;
  for (const place of places.values()) {
    readValue(bytes, place, field, values, text);
    field += 1;
  }
  return shape;
}

function shapeOf(
  bytes: Buffer,
  measurement: Measurement,
  places: ReadonlyMap<string, FieldPlace>,
  isPlain: boolean,
): Shape {
  let key = isPlain ? 'plain' : '';
  for (const [name, { type }] of places) key += `${type}${name.length}:${name}`;
  let shape = measurement.shapes.get(key);
  if (shape === undefined) {
    const all = [...places.values()];
    const spelled = isPlain ? all.map(({ keyStart, valueStart }) => bytes.subarray(keyStart, valueStart - 1)) : [];
    shape = new Shape(
      measurement,
      [...places.keys()],
      Uint8Array.from(all, ({ type }) => type),
      spelled,
    );
    measurement.shapes.set(key, shape);
  }
  return shape;
}

function readValue(
  bytes: Buffer,
  { type, valueStart, valueEnd }: FieldPlace,
  field: number,
  { floats, bigints, words }: ValueWords,
  text: TextHeap,
): void {
  if (type === FLOAT) floats[field] = readPlainFloat(bytes, valueStart, valueEnd);
  else if (type === INTEGER) bigints[field] = BigInt(readPlainInteger(bytes, valueStart, valueEnd));
  else if (type === BOOLEAN) {
    words[2 * field] = readPlainBoolean(bytes, valueStart) ? 1 : 0;
    words[2 * field + 1] = 0;
  } else {
    // One character for each byte: strings need not be UTF-8.
    const value = Buffer.from(unescapeString(bytes.toString('latin1', valueStart + 1, valueEnd - 1)), 'latin1');
    words[2 * field] = text.add(value, 0, value.length);
    words[2 * field + 1] = value.length;
  }
}

import type { IParsedPoint } from 'influx';
import { SinkError } from '../../errors';

/**
 * Returns the line that node-influx will write for a point, byte for byte (its `writePoints`, 5.9.3 to 5.12), without a
 * timestamp. What node-influx would get wrong is refused here, because the server would take it for something else:
 * node-influx writes measurements as they are, a newline in a tag begins another point, and a backslash at the end of a name
 * hides the comma, space or `=` that follows.
 *
 * @throws SinkError `INVALID_DATA`
 */
export function nodeInfluxLine(point: IParsedPoint, index: number): string {
  const { measurement, tags = {}, fields = {}, tagsNames, fieldsPairs } = point;
  if (fieldsPairs.length === 0) throw badPoint(index, 'has no fields: give it at least one, or leave it out');
  let line = checkedMeasurement(measurement, index);
  for (const name of tagsNames) {
    line += `,${escaped(name, index, 'tag')}=${tagValue(name, tags[name], index)}`;
  }
  let separator = ' ';
  for (const [name, value] of fieldsPairs) {
    line += `${separator}${escaped(name, index, 'field')}=${checkedField(name, value, fields[name], index)}`;
    separator = ',';
  }
  return line;
}

/** Returns the error for a point that is refused, and with it the whole batch. */
export function badPoint(index: number, what: string): SinkError {
  return new SinkError('INVALID_DATA', `Point ${index} ${what}; nothing was written.`);
}

function checkedMeasurement(measurement: unknown, index: number): string {
  if (typeof measurement !== 'string' || measurement === '') {
    throw badPoint(index, 'needs a measurement, a string that is not empty');
  }
  if (!/[\n\r\0\\#, ]/.test(measurement)) return measurement; // Nearly all of them.
  const name = quote(measurement);
  if (/[\n\r\0]|\\$|^#/.test(measurement)) {
    throw badPoint(
      index,
      `has the measurement ${name}, with a line break, a NUL, a '\\' at its end or a '#' at its start`,
    );
  }
  if (/(?<!\\)[, ]/.test(measurement)) {
    throw badPoint(
      index,
      `has the measurement ${name}, whose comma or space node-influx does not escape: InfluxDB would end the name there. ` +
        `Put a backslash before it, ${quote(measurement.replace(/(?<!\\)[, ]/g, '\\$&'))}, or choose another name`,
    );
  }
  return measurement;
}

function tagValue(name: string, value: unknown, index: number): string {
  // node-influx writes other values as their text (`undefined`, `5`), and applications rely on that.
  if (typeof value === 'object' && value !== null) {
    throw badPoint(index, `has an object as the value of tag ${quote(name)}: a tag value is a string`);
  }
  if (value === '') throw badPoint(index, `has an empty value for tag ${quote(name)}: leave the tag out`);
  return escaped(String(value), index, 'value of tag', name);
}

/**
 * Escapes as node-influx's `escape.tag` does, which doubles the backslash of the first `\'`. `what` and `of` are for the
 * message.
 */
function escaped(name: string, index: number, what: string, of?: string): string {
  if (name !== '' && !/[\n\r\0\\,= ]/.test(name)) return name; // Nearly all of them.
  if (name === '' || /[\n\r\0]|\\$/.test(name)) {
    throw badPoint(
      index,
      `has the ${what}${of === undefined ? '' : ` ${quote(of)}:`} ${quote(name)}, which line protocol cannot carry: it must not be empty, hold a line break or a NUL, or end in '\\'`,
    );
  }
  return name.replace(/\\'/, "\\\\'").replace(/[,= ]/g, '\\$&');
}

/** A string in its quotes, or a number or boolean as InfluxDB reads them: none of these can begin another field or point. */
const fieldValue = /^(?:"[\s\S]*"|[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|-?\d+i|T|F|true|false)$/;

function checkedField(name: string, value: string, given: unknown, index: number): string {
  if (!fieldValue.test(value)) {
    throw badPoint(
      index,
      `has the field ${quote(name)} = ${value.slice(0, 40)}, which InfluxDB cannot store: leave the field out`,
    );
  }
  if (isOtherInteger(value, given)) {
    throw badPoint(
      index,
      `has the field ${quote(name)} = '${given}', which node-influx would write as ${value}: it knows whole numbers ` +
        'only up to 2^53. Write such a field through createTee, as a bigint',
    );
  }
  return value;
}

/** The sign and the digits of the least int64. */
const int64BytesMax = 20;

/** True if node-influx changes the number: a schema's INTEGER also takes digits as a string, which go through a float64. */
function isOtherInteger(value: string, given: unknown): given is string {
  if (typeof given !== 'string' || value.length <= '9007199254740992'.length || !value.endsWith('i')) return false;
  if (!/^\s*[-+]?\d+\s*$/.test(given)) return false;
  // More digits than an int64 has are another integer, and making a BigInt of very many takes very long.
  const digits = given.trim().replace(/^\+/, '');
  if (digits.length > int64BytesMax || value.length > int64BytesMax + 1) return digits !== value.slice(0, -1);
  return BigInt(digits) !== BigInt(value.slice(0, -1));
}

function quote(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

import { LineProtocolError } from '../errors';
import type { Point } from '../point';
import { escapeTagValue, quote } from '../record/escape';
import { KEY_BYTES_MAX } from '../record/series/series-key';
import type { ByteWriter } from './byte-writer';
import type { MeasurementNames, TagName, TagOrder } from './names/measurement-names';
import { notAnObject, notText } from './names/written-name';
import { NOT_WRITTEN, TAG_VALUE, writeAscii } from './values/write-text';

type Tags = NonNullable<Point['tags']>;

/** Writes `measurement[,tag=value…]` with the tags in key order, as InfluxDB advises: it sorts them otherwise. */
export function writeSeriesKey(
  writer: ByteWriter,
  start: number,
  names: MeasurementNames,
  tags: Tags | undefined,
): number {
  const tagsStart = writer.name(start, names.measurement);
  if (tags === undefined) return tagsStart;
  if (typeof tags === 'string') throw notAnObject('the tags', tags); // its letters would be taken for tags
  const at = writeInOrder(writer, tagsStart, tags, names.tagOrder);
  if (at !== NOT_WRITTEN) return at;
  names.tagOrder = orderOf(tags, names);
  return writeInOrder(writer, tagsStart, tags, names.tagOrder);
}

/** Returns `NOT_WRITTEN` if the tags have other keys than the order. */
function writeInOrder(writer: ByteWriter, start: number, tags: Tags, { given, sorted }: TagOrder): number {
  const isSorted = given === sorted;
  let at = start;
  let count = 0;
  for (const key in tags) {
    const value = tags[key];
    if (value === undefined) continue;
    const name = given[count];
    if (name === undefined || name.text !== key) return NOT_WRITTEN;
    if (isSorted) at = writeTag(writer, at, name, value);
    count += 1;
  }
  if (count !== given.length) return NOT_WRITTEN;
  return isSorted ? at : writeSorted(writer, at, tags, sorted);
}

function writeSorted(writer: ByteWriter, start: number, tags: Tags, sorted: readonly TagName[]): number {
  let at = start;
  for (const name of sorted) at = writeTag(writer, at, name, tags[name.text]);
  return at;
}

function orderOf(tags: Tags, names: MeasurementNames): TagOrder {
  const given: TagName[] = [];
  for (const key in tags) if (tags[key] !== undefined) given.push(names.tagKey(key));
  const sorted = given.toSorted((a, b) => a.escaped.compare(b.escaped));
  return { given, sorted: sorted.every((name, i) => name === given[i]) ? given : sorted };
}

function writeTag(writer: ByteWriter, start: number, name: TagName, value: string | undefined): number {
  if (typeof value !== 'string') throw notText(`the value of tag ${quote(name.text)}`, value);
  if (value.length > KEY_BYTES_MAX) throw tooLong(name.text);
  const at = writer.name(start, name);
  const end = writeAscii(writer, at, value, TAG_VALUE);
  if (end !== NOT_WRITTEN) return end;
  const escaped = escapeTagValue(value, name.text);
  writer.needsProof ||= value.includes('\\');
  return writer.utf8(at, escaped);
}

/** Refuses a value before it is escaped: every character takes at least one byte. */
function tooLong(tag: string): LineProtocolError {
  const message = `the value of tag ${quote(tag)} exceeds the ${KEY_BYTES_MAX} bytes of a series key`;
  return new LineProtocolError('KEY_TOO_LONG', message);
}

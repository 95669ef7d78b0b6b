import type { FakeBucket } from '../../object-store/bucket';
import type { GcsCall } from '../call';

const pageMax = 1000;

/** Returns one page, as `objects.list` does; with `fields`, only the fields that a listing needs. */
export function listPage(bucket: FakeBucket, { query }: GcsCall): object {
  const prefix = query.get('prefix') ?? '';
  const startOffset = query.get('startOffset') ?? '';
  const pageToken = query.get('pageToken');
  const size = Math.min(Number(query.get('maxResults') ?? pageMax), pageMax);

  const names = bucket.names();
  const resumed = pageToken === null ? 0 : bucket.placeOf(Buffer.from(pageToken, 'base64').toString());
  const first = Math.max(bucket.placeOf(prefix), bucket.placeOf(startOffset), resumed);
  let end = first;
  while (end < names.length && end - first < size && names[end]?.startsWith(prefix)) end += 1;

  const next = names[end];
  const isFull = next?.startsWith(prefix) === true;
  const items = names.slice(first, end).map((name) => describeObject(bucket, name, query.has('fields')));
  return { ...(items.length > 0 && { items }), ...(isFull && { nextPageToken: Buffer.from(next).toString('base64') }) };
}

/** Returns the metadata of an object that exists. */
export function describeObject(bucket: FakeBucket, name: string, brief: boolean): object {
  const object = bucket.get(name);
  if (object === undefined) throw new Error(`The fake bucket lists "${name}" but does not hold it.`);
  const { bytes, createdMs, generation, ...given } = object;
  const short = { name, size: String(bytes.byteLength), timeCreated: new Date(createdMs).toISOString() };
  return brief ? short : { kind: 'storage#object', ...short, generation: String(generation), ...given };
}

import type { FakeBucket } from '../../object-store/bucket';
import { escapeXml } from '../answer';
import type { S3Call } from '../call';

const pageMax = 1000;

/** Returns one page, as ListObjectsV2 does. */
export function listPage(bucket: FakeBucket, { bucket: bucketName, query }: S3Call): string {
  const prefix = query.get('prefix') ?? '';
  const size = Math.min(Number(query.get('max-keys') ?? pageMax), pageMax);
  const token = query.get('continuation-token');
  const last = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString();
  const isEncoded = query.get('encoding-type') === 'url';
  const write = (text: string) => escapeXml(isEncoded ? encodeName(text) : text);

  const names = bucket.names();
  let first = Math.max(bucket.placeOf(prefix), bucket.placeOf(last));
  if (last !== '' && names[first] === last) first += 1;
  let end = first;
  while (end < names.length && end - first < size && names[end]?.startsWith(prefix)) end += 1;
  const isTruncated = end > first && names[end]?.startsWith(prefix) === true;
  const next = Buffer.from(names[end - 1] ?? '').toString('base64');

  const contents = names.slice(first, end).map((name) => {
    const { bytes, createdMs } = bucket.get(name) ?? { bytes: Buffer.alloc(0), createdMs: 0 };
    const at = `<LastModified>${new Date(createdMs).toISOString()}</LastModified>`;
    const rest = `<ETag>&quot;fake&quot;</ETag><Size>${bytes.byteLength}</Size><StorageClass>STANDARD</StorageClass>`;
    return `<Contents><Key>${write(name)}</Key>${at}${rest}</Contents>`;
  });
  return [
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>${bucketName}</Name><Prefix>${write(prefix)}</Prefix><KeyCount>${end - first}</KeyCount>`,
    `<MaxKeys>${size}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>`,
    isEncoded ? '<EncodingType>url</EncodingType>' : '',
    isTruncated ? `<NextContinuationToken>${next}</NextContinuationToken>` : '',
    ...contents,
    '</ListBucketResult>',
  ].join('');
}

/** Encodes a name as Amazon does in listings: a space becomes `+`, and `/` stays. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll('%20', '+').replaceAll('%2F', '/');
}

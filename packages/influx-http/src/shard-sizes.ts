import { HttpClient } from './http/client';
import { readWhole } from './http/read-body';
import { type InfluxServer, resolveOptions } from './options';

/** `/debug/vars` has about 500 bytes for each shard. */
const bytesMax = 64 * 1024 * 1024;

/**
 * Resolves with the bytes that each shard has on the server's disk, by its id. A server that does not tell gives an empty map, or one without some shards.
 *
 * @throws InfluxHttpError `UNREACHABLE`, `TIMEOUT`; the signal's reason
 */
export async function readShardSizes(
  server: InfluxServer,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ReadonlyMap<number, number>> {
  const client = new HttpClient(resolveOptions(server));
  try {
    const { status, body } = await client.send({ method: 'GET', path: 'debug/vars', signal });
    const text = (await readWhole(body, bytesMax)).toString();
    return status === 200 ? sizesIn(text) : new Map();
  } finally {
    client.close();
  }
}

/** Reads `{"shard:PATH:ID":{"name":"shard","tags":{"id":"3",…},"values":{"diskBytes":1234,…}},…}`. */
function sizesIn(text: string): ReadonlyMap<number, number> {
  const sizes = new Map<number, number>();
  for (const one of variables(text)) {
    const { name, tags, values } = Object(one) as Readonly<Record<string, Readonly<Record<string, unknown>> | string>>;
    const [id, bytes] = [Number(Object(tags).id), Object(values).diskBytes as unknown];
    if (name === 'shard' && Number.isSafeInteger(id) && typeof bytes === 'number') sizes.set(id, bytes);
  }
  return sizes;
}

function variables(text: string): readonly unknown[] {
  try {
    return Object.values(Object(JSON.parse(text)) as Record<string, unknown>);
  } catch {
    return []; // another server's page at this path
  }
}

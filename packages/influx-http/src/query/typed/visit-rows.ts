import { HttpClient } from '../../http/client';
import { check, type InfluxServer, resolveOptions } from '../../options';
import { queryFailure, readReason, sendQuery } from '../send-query';
import { AnswerReader, type RowVisitor } from './answer-reader';
import { ArrivingBytes, notMessagePack } from './arriving-bytes';
import { MessageReader } from './message-reader';

/**
 * Runs a query and passes each row to a visitor as raw bits: with the type that each value has in the database, and with every
 * byte of a string or a name. It asks for MessagePack, since JSON does not tell 1 from 1.0 and loses bytes that are not UTF-8.
 * Times are integers, ns since the epoch.
 *
 * Where a field has several types in the shards that a query reads, InfluxDB converts the values to one of them and leaves
 * out the others: ask for the time of one shard. Memory is bounded by a row and a chunk of the answer.
 *
 * @throws InfluxHttpError any code but `CLOSED`; `QUERY_FAILED` also after some rows: then more were to come
 * @throws the signal's reason
 */
export async function visitRows(
  server: InfluxServer,
  database: string,
  query: string,
  visitor: RowVisitor,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  check.names('visitRows()', options, ['signal']);
  const client = new HttpClient(resolveOptions(server));
  try {
    const accept = 'application/x-msgpack';
    const { status, headers, body } = await sendQuery(client, { database, query, signal: options.signal, accept });
    const isMessagePack = headers['content-type']?.startsWith(accept) ?? false;
    if (status !== 200) {
      const reason = isMessagePack ? await errorIn(body) : await readReason(body);
      throw queryFailure(status, client.url, query, reason);
    }
    if (!isMessagePack) throw notMessagePack(`its type is ${headers['content-type'] ?? 'not stated'}`);
    await new AnswerReader(body, visitor, query).read();
  } finally {
    client.close();
  }
}

/** Reads the reason of a refusal, `{"error":"…"}`. */
async function errorIn(body: AsyncIterable<Buffer>): Promise<string> {
  const input = new ArrivingBytes(body);
  const reader = new MessageReader(input);
  const [, error = ''] = await input.whole(() => reader.texts(2 * reader.mapSize()));
  await input.close();
  return Buffer.from(error, 'latin1').toString();
}

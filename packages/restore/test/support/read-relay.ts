import { connect, createServer } from 'node:net';

/** The type of a request for a shard. */
const SHARD = 0;

/** Passes requests on to a snapshot service, and can change its answers. */
export interface ReadRelay {
  readonly url: string;
  /** The ids of the shards that were asked for so far, in the order of the requests. */
  readonly asked: readonly number[];
  close(): void;
}

/**
 * Starts a relay to the snapshot service on a port of this machine.
 *
 * @param change returns what is answered in place of the archive of a shard; `asked` counts the requests for shards, from 1
 */
export async function startReadRelay(
  port: number,
  change: (archive: Buffer, asked: number) => Uint8Array,
): Promise<ReadRelay> {
  const asked: number[] = [];
  const relay = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => undefined);
    client.once('data', (request: Buffer) => {
      const service = connect(port, '127.0.0.1', () => service.write(request));
      const pieces: Buffer[] = [];
      service.on('data', (piece: Buffer) => pieces.push(piece));
      service.on('error', () => client.destroy());
      service.on('end', () => {
        const answer = Buffer.concat(pieces);
        if (request[1] === SHARD)
          asked.push((JSON.parse(request.subarray(2).toString()) as { ShardID: number }).ShardID);
        client.end(request[1] === SHARD ? change(answer, asked.length) : answer);
        service.end();
      });
    });
  });
  await new Promise<void>((done) => relay.listen(0, '127.0.0.1', done));
  const { port: own } = relay.address() as { port: number };
  return { url: `tcp://127.0.0.1:${own}`, asked, close: () => void relay.close() };
}

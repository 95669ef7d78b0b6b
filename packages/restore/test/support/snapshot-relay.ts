import { connect, createServer, type Socket } from 'node:net';

/** Passes connections on to a snapshot service, and can see and disturb uploads of shards. */
export interface SnapshotRelay {
  readonly url: string;
  /** The uploads that began. */
  readonly uploads: number;
  close(): void;
}

const UPLOAD = 7;

/**
 * Starts a relay to the snapshot service on a port of this machine.
 *
 * @param onUpload called when an upload begins; the upload waits for it. Returns after how many more bytes the connection ends, if it does
 */
export async function startSnapshotRelay(
  port: number,
  onUpload: (upload: number) => Promise<number | undefined>,
): Promise<SnapshotRelay> {
  const sockets = new Set<Socket>();
  let uploads = 0;
  const relay = createServer((client) => {
    const service = connect(port, '127.0.0.1');
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => client.destroy() && service.destroy());
      socket.on('close', () => client.destroy() && service.destroy());
    }
    service.pipe(client);
    let left = Number.POSITIVE_INFINITY;
    let isFirst = true;
    client.on('data', async (bytes: Buffer) => {
      client.pause();
      if (isFirst && bytes[1] === UPLOAD) {
        isFirst = false;
        uploads += 1;
        left = (await onUpload(uploads)) ?? left;
      }
      isFirst = false;
      service.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) service.destroy();
      else client.resume();
    });
    client.on('end', () => service.end());
  });
  await new Promise<void>((done) => relay.listen(0, '127.0.0.1', done));
  const { port: own } = relay.address() as { port: number };
  return {
    url: `tcp://127.0.0.1:${own}`,
    get uploads() {
      return uploads;
    },
    close: () => {
      relay.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

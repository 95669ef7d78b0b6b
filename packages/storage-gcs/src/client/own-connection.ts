// Client 7.x offers no way to close the connection of one transfer. These two find it through the pipes it is at the
// end of. A later client that pipes otherwise loses only the promptness: every request has a timeout as well.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { File } from '@google-cloud/storage';

/**
 * Closes the connection of the upload that `file` makes next as soon as its stream is closed unfinished. The client
 * only stops writing, and the request hangs half-sent, which keeps the process alive, until its timeout.
 */
export function closeConnectionWithUpload(file: File, open: () => Writable): Writable {
  let request: ClientRequest | undefined;
  file.interceptors.push({
    request: (options) => {
      const content = (options as { readonly multipart?: readonly { readonly body: unknown }[] }).multipart?.[1]?.body;
      if (isReadable(content)) {
        onPipe<Duplex>(content, (multipart) => {
          onPipe<ClientRequest>(multipart, (end) => {
            request = end;
          });
        });
      }
      return options as ReturnType<NonNullable<File['interceptors'][number]['request']>>;
    },
  });
  const stream = open();
  return stream.once('close', () => {
    if (!stream.writableFinished) request?.destroy();
  });
}

/** The parts of the client's response that we need: a stream that Node's own response is piped into. */
interface ClientResponse extends Readable {
  readonly headers: Readonly<Record<string, string | undefined>>;
  request: { readonly agent?: unknown };
}

/**
 * Confines the end of a download to its own connection, and resolves to the number of bytes that Google announced.
 *
 * When a download is given up, the client destroys the agent it shares with all other requests, which cuts every
 * transfer of the process; and those would then hang, since it does not notice. Here it finds no agent to destroy,
 * and the one connection is closed instead, through the response that lets go of the stream it was piped into.
 */
export function closeConnectionWithDownload(stream: Readable): Promise<number | undefined> {
  return new Promise((resolve) => {
    stream.once('response', (response: ClientResponse) => {
      response.request = {};
      response.once('unpipe', (incoming: IncomingMessage) => {
        if (!incoming.complete) incoming.destroy();
      });
      const length = response.headers['content-length'];
      resolve(length === undefined ? undefined : Number(length));
    });
  });
}

function isReadable(value: unknown): value is Readable {
  return typeof value === 'object' && value !== null && 'pipe' in value && typeof value.pipe === 'function';
}

/** Tells what `source` is piped into. */
function onPipe<T extends NodeJS.WritableStream>(source: Readable, tell: (destination: T) => void): void {
  const pipe = source.pipe.bind(source);
  source.pipe = (destination, options) => {
    tell(destination as NodeJS.WritableStream as T);
    return pipe(destination, options);
  };
}

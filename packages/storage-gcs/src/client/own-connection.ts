// Client 7.x has no way to close the connection of one transfer. These two functions find it at the end of the client's
// pipes. With a later client that pipes differently, only promptness is lost: every request has a timeout as well.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { File } from '@google-cloud/storage';

/**
 * Closes the connection of the upload that `file` makes next when its stream is closed before it has finished. Without
 * this, the client only stops writing: the half-sent request hangs until its timeout, and keeps the process alive.
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

/** The parts of the client's response that are used here. Node's own response is piped into it. */
interface ClientResponse extends Readable {
  readonly headers: Readonly<Record<string, string | undefined>>;
  request: { readonly agent?: unknown };
}

/**
 * Makes the end of a download close its own connection only, and resolves to the number of bytes that Google announced.
 *
 * When a download is given up, the client destroys the agent that it shares with all other requests. That cuts every
 * transfer of the process, and those transfers then hang, since the client does not notice. Here it finds no agent to
 * destroy; instead, the one connection is closed when Node's response is unpiped from the client's.
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

/** Calls `tell` with what `source` is piped into. */
export function onPipe<T extends NodeJS.WritableStream>(source: Readable, tell: (destination: T) => void): void {
  const pipe = source.pipe.bind(source);
  source.pipe = (destination, options) => {
    tell(destination as NodeJS.WritableStream as T);
    return pipe(destination, options);
  };
}

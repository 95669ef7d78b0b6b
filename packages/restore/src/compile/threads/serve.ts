import type { WrittenShard } from '../shards/run';
import { ScratchFolder } from '../shards/scratch-folder';
import { faultOf, type ThreadAnswer, type ThreadData, type ThreadRequest } from './messages';
import { LocalHost, type UnitHost } from './unit-host';

/** Returns what takes the questions of a `WorkerHost`, and answers one after the other. */
export function serveCompiling(
  answer: (one: ThreadAnswer) => void,
  { ring, lines = ring, ...settings }: ThreadData,
): (request: ThreadRequest) => void {
  const scratch = ScratchFolder.create(settings.scratchDir);
  const signal = new AbortController().signal;
  const compiling = scratch.then(
    (own) => new Compiling(new LocalHost({ ...settings, scratch: own, signal }), { ring, lines }),
  );
  let last: Promise<void> = Promise.resolve();
  return (request) => {
    last = last
      .then(async () => await (await compiling).take(request, answer))
      .catch(async (error: unknown) => {
        // Without this, files that are being written would stay open until the thread has ended.
        await scratch.then((own) => own.remove()).catch(() => undefined); // the folder may be what is at fault
        answer({ fault: faultOf(error) });
        return Promise.reject(error);
      });
    last.catch(() => undefined); // the first fault was sent, and nothing follows it
  };
}

/** The memory that batches lie in. */
interface BatchMemory {
  readonly ring: SharedArrayBuffer;
  readonly lines: SharedArrayBuffer;
}

class Compiling {
  readonly #host: UnitHost;
  readonly #memory: BatchMemory;
  #shards: AsyncIterator<WrittenShard> | undefined;

  constructor(host: UnitHost, memory: BatchMemory) {
    this.#host = host;
    this.#memory = memory;
  }

  async take(request: ThreadRequest, answer: (one: ThreadAnswer) => void): Promise<void> {
    if ('begin' in request) this.#host.begin(request.begin);
    else if ('open' in request) this.#host.open(request.open);
    else if ('next' in request) answer({ shard: await this.#nextShard() });
    else await this.#host.add(this.#bytesOf(request), (outcome) => answer({ outcome }));
  }

  #bytesOf(request: Extract<ThreadRequest, { at: number } | { bytes: Uint8Array }>): Buffer {
    if ('at' in request) {
      const { ring, lines } = this.#memory;
      return Buffer.from(request.isInLines ? lines : ring, request.at, request.length);
    }
    const { buffer, byteOffset, length } = request.bytes;
    return Buffer.from(buffer, byteOffset, length);
  }

  async #nextShard(): Promise<WrittenShard | undefined> {
    this.#shards ??= this.#host.shards()[Symbol.asyncIterator]();
    const { done, value } = await this.#shards.next();
    if (!done) return value;
    this.#shards = undefined;
    return undefined;
  }
}

import type { OrderedFile } from '../plan/order';
import { memoryBytesMax } from '../read/copy/keeper';
import type { Proof } from '../read/prove-file';

/** A file in its turn, and what was proven of it. */
export interface ProvenInTurn {
  readonly file: OrderedFile;
  readonly proof: Proof;
}

/** How many files are proven before their turn, which also hides the latency of a storage. */
const filesAhead = 2;

/**
 * Proves the next files while the current one is sent: as many as memory can hold, and at least one. The caller closes each file that
 * it gets.
 *
 * @throws what `prove` throws, in the turn of its file
 */
export async function* proveAhead(
  files: AsyncIterable<OrderedFile>,
  prove: (file: OrderedFile) => Promise<Proof>,
): AsyncGenerator<ProvenInTurn, void, undefined> {
  const started: { readonly file: OrderedFile; readonly proof: Promise<Proof> }[] = [];
  let startedBytes = 0;
  async function* turnsWhile(isTooMuch: () => boolean): AsyncGenerator<ProvenInTurn, void, undefined> {
    for (let first = started[0]; first !== undefined && isTooMuch(); first = started[0]) {
      const proof = await first.proof;
      started.shift();
      startedBytes -= first.file.sizeBytes;
      yield { file: first.file, proof };
    }
  }
  try {
    for await (const file of files) {
      const isLarge = () => started.length > 1 && startedBytes + file.sizeBytes > memoryBytesMax;
      yield* turnsWhile(() => started.length > filesAhead || isLarge());
      const proof = prove(file);
      proof.catch(() => undefined); // it is thrown in the turn of its file
      started.push({ file, proof });
      startedBytes += file.sizeBytes;
    }
    yield* turnsWhile(() => true);
  } finally {
    for (const { proof } of started) await proof.then(closeProof, () => undefined);
  }
}

/** Frees what is kept of a file that was not damaged. */
export async function closeProof(proof: Proof): Promise<void> {
  if ('close' in proof) await proof.close();
}

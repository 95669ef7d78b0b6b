import { type ObjectBody, type ObjectWriter, StorageError } from '@ceres/storage';

/** The outcome of puts: `lost` stores the object and loses the reply. */
export type BucketMode = 'ok' | 'down' | 'lost' | 'denied' | 'mixed';

/** A create-only bucket whose network, permissions and replies can fail. */
export class Bucket {
  readonly objects = new Map<string, Buffer>();
  mode: BucketMode = 'ok';
  faults = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Returns the bucket as one process sees it; a dead process gets no reply. */
  writer(isAlive: () => boolean): ObjectWriter {
    return {
      put: async (key, body) => {
        const outcome = await this.#put(key, body).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        if (!isAlive()) await new Promise(() => undefined);
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      },
    };
  }

  async #put(key: string, body: ObjectBody): Promise<'created' | 'exists'> {
    const mode = this.#modeOfThisPut();
    if (mode !== 'ok') this.faults += 1;
    if (mode === 'denied') throw new StorageError('DENIED', 'no permission', { key });
    if (mode === 'down') throw new StorageError('UNAVAILABLE', 'no network', { key });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body.open()) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    if (bytes.byteLength !== body.sizeBytes) throw new StorageError('SIZE_MISMATCH', 'wrong size', { key });
    const outcome = this.objects.has(key) ? 'exists' : 'created';
    if (outcome === 'created') this.objects.set(key, bytes);
    if (mode === 'lost') throw new StorageError('UNAVAILABLE', 'reply lost', { key });
    return outcome;
  }

  #modeOfThisPut(): Exclude<BucketMode, 'mixed'> {
    if (this.mode !== 'mixed') return this.mode;
    const modes = ['ok', 'down', 'lost'] as const;
    return modes[Math.floor(this.#random() * modes.length)] ?? 'ok';
  }
}

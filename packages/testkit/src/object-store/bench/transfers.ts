import { compare } from '../../bench';
import { type BenchFile, benchFile, megabytesOf } from './file';

/** One store, as its adapter moves a file, and as a caller of its SDK would do it by hand. */
export interface Transfers {
  /** The name of the store in those of the cases, such as `s3`. */
  readonly store: string;
  /** The SDK and its version. */
  readonly peer: string;
  readonly ours: {
    put(key: string, file: BenchFile): Promise<unknown>;
    get(key: string): AsyncIterable<Uint8Array>;
  };
  readonly theirs: {
    put(key: string, file: BenchFile): Promise<unknown>;
    get(key: string): Promise<AsyncIterable<Uint8Array>>;
  };
}

const rounds = 15;

/** Reports `…-put-vs-sdk`, which is to be at least 0.8. Every put has a name of its own. */
export async function comparePuts({ store, peer, ours, theirs }: Transfers): Promise<void> {
  const file = benchFile();
  let files = 0;
  const putWith = (side: Pick<Transfers['ours'], 'put'>) => async () => {
    files += 1;
    await side.put(`${files}.gz`, file);
    return file.megabytes;
  };
  const names = { bench: 'storage', case: `${store}-put-vs-sdk`, unit: 'MB/s', peer, rounds };
  await compare({ ...names, ours: putWith(ours), theirs: putWith(theirs) });
}

/** Reports `…-get-vs-sdk`, which is to be at least 0.8. */
export async function compareGets({ store, peer, ours, theirs }: Transfers): Promise<void> {
  const key = 'file.gz';
  await ours.put(key, benchFile());
  const names = { bench: 'storage', case: `${store}-get-vs-sdk`, unit: 'MB/s', peer, rounds };
  await compare({
    ...names,
    ours: () => megabytesOf(ours.get(key)),
    theirs: async () => await megabytesOf(await theirs.get(key)),
  });
}

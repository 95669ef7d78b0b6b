import type { ObjectReader } from '@ceres/storage';

/** Returns a storage that lacks the objects whose keys begin so. */
export function without(storage: ObjectReader, prefix: string): ObjectReader {
  return {
    list: async function* (asked, options) {
      for await (const info of storage.list(asked, options)) if (!info.key.startsWith(prefix)) yield info;
    },
    get: (key, options) => storage.get(key, options),
  };
}

/** Returns a storage that has other bytes under one key, as many as before. */
export function withBytes(storage: ObjectReader, key: string, change: (bytes: Uint8Array) => Uint8Array): ObjectReader {
  return {
    list: (prefix, options) => storage.list(prefix, options),
    get: async function* (asked, options = {}) {
      if (asked !== key) return yield* storage.get(asked, options);
      const chunks: Uint8Array[] = [];
      for await (const chunk of storage.get(asked)) chunks.push(chunk);
      yield change(Buffer.concat(chunks)).subarray(options.start ?? 0, options.end);
    },
  };
}

// A drill in a process of its own, to be killed: parameters are in the environment.
import { LocalStorage } from '@ceres/storage';
import { drill } from '../../src/drill';

const { ROOT = '', WORK = '' } = process.env;
let isRestoring = false;
const storage = new LocalStorage(ROOT);
await drill({
  storage: {
    list: (prefix, options) => storage.list(prefix, options),
    get: async function* (key, options) {
      // The restore never ends by itself.
      if (isRestoring) await new Promise((next) => setTimeout(next, 1_000_000));
      yield* storage.get(key, options);
    },
  },
  instance: 'influxdb-0',
  workDir: WORK,
  onProgress: ({ phase }) => {
    isRestoring = phase === 'restore';
    console.log(phase);
  },
});

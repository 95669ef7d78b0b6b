import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** The fake Google server in a thread of its own, so that its memory and its work do not count as the client's. */
export interface ServerThread extends AsyncDisposable {
  readonly url: string;
}

const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData.testkit).then(async ({ FakeGcs }) => {
    const fake = await FakeGcs.start();
    fake.bucket().seed(Array.from({ length: workerData.keys }, (_, i) => 'i/db/rp/20240101/' + String(i).padStart(9, '0') + '.gz'));
    parentPort.postMessage(fake.url);
  });
`;

/** @param keys how many empty objects its bucket contains */
export async function startServer(keys = 0): Promise<ServerThread> {
  const testkit = import.meta.resolve('@ceres/testkit');
  const worker = new Worker(program, { eval: true, workerData: { testkit, keys } });
  const [url] = await once(worker, 'message');
  return {
    url,
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

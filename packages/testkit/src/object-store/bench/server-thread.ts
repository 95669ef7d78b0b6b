import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A fake server in a thread of its own, so that its memory and its work do not count as the client's. */
export interface ServerThread extends AsyncDisposable {
  readonly url: string;
}

const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData.testkit).then(async (testkit) => {
    const fake = await testkit[workerData.kind].start();
    fake.bucket().seed(Array.from({ length: workerData.keys }, (_, i) => 'i/db/rp/20240101/' + String(i).padStart(9, '0') + '.gz'));
    parentPort.postMessage(fake.url);
  });
`;

/** @param keys how many empty objects its bucket contains */
export async function startServerThread(kind: 'FakeGcs' | 'FakeS3' | 'FakeAzure', keys = 0): Promise<ServerThread> {
  const testkit = import.meta.resolve('@ceres/testkit');
  const worker = new Worker(program, { eval: true, workerData: { testkit, kind, keys } });
  const [url] = await once(worker, 'message');
  return {
    url,
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

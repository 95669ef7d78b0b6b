import type { MessagePort } from 'node:worker_threads';
import { faultOf } from '../../../compile/threads/messages';
import { contentOfSums, LocalSummingUp } from '../backup-sums';
import type { ScanAnswer, ScanBatch, ScanRequest, ScanThreadData } from './messages';

/** Answers the requests of a `ScanThread`, one after the other. */
export function serveScanning(
  port: Pick<MessagePort, 'on' | 'postMessage'>,
  { scratchDir, ring }: ScanThreadData,
): void {
  const summing = new LocalSummingUp(scratchDir);
  const bytesOf = ({ bytes, at = 0, length = 0 }: ScanBatch) =>
    bytes === undefined ? Buffer.from(ring, at, length) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const answerTo = async (request: ScanRequest): Promise<ScanAnswer> => {
    if (request === 'close') {
      await summing.close();
      return 'closed';
    }
    if (request === 'finish') {
      const [sums] = await summing.finish();
      return sums === undefined ? 'closed' : { sums: contentOfSums(sums) };
    }
    const { batch } = request;
    await summing.add(bytesOf(batch), batch.policy, batch.precision);
    return 'added';
  };
  let hasFailed = false;
  let before: Promise<void> = Promise.resolve();
  port.on('message', (request: ScanRequest) => {
    before = before.then(async () => {
      if (hasFailed && request !== 'close') return;
      try {
        port.postMessage(await answerTo(request));
      } catch (error) {
        hasFailed = true;
        port.postMessage({ fault: faultOf(error) });
      }
    });
  });
}

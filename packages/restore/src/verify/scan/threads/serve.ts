import { faultOf } from '../../../compile/threads/messages';
import { contentOfSums, LocalSummingUp } from '../backup-sums';
import type { ScanAnswer, ScanBatch, ScanRequest, ScanThreadData } from './messages';

/** Returns what takes the requests of a `ScanThread`, and answers one after the other. */
export function serveScanning(
  answer: (one: ScanAnswer) => void,
  { scratchDir, ring, lines }: ScanThreadData,
): (request: ScanRequest) => void {
  const summing = new LocalSummingUp(scratchDir);
  const bytesOf = ({ bytes, at = 0, length = 0, isInLines }: ScanBatch) => {
    if (bytes !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return Buffer.from(isInLines && lines !== undefined ? lines : ring, at, length);
  };
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
  return (request) => {
    before = before.then(async () => {
      if (hasFailed && request !== 'close') return;
      try {
        answer(await answerTo(request));
      } catch (error) {
        hasFailed = true;
        answer({ fault: faultOf(error) });
      }
    });
  };
}

import { loopStall } from './sink/loop-stall';
import { teeCpu } from './sink/tee-cpu';
import { teeOrder } from './sink/tee-order';

/** Runs only the tees, without the rest of `npm run bench -- sink`. */
export async function run(): Promise<void> {
  await loopStall('tee');
  await teeCpu('tee');
  await teeOrder('tee');
}

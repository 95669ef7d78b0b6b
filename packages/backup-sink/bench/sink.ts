import { ackLatency } from './sink/ack-latency';
import { bench } from './sink/harness';
import { manyPartitions } from './sink/many-partitions';
import { memory } from './sink/memory';
import { sustained } from './sink/sustained';
import { teeCpu } from './sink/tee-cpu';

export async function run(): Promise<void> {
  await sustained();
  await ackLatency();
  await teeCpu(bench);
  await manyPartitions();
  await memory();
}

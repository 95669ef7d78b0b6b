import { teeCpu } from './sink/tee-cpu';

/** Runs only the tees, without the rest of `npm run bench -- sink`. */
export async function run(): Promise<void> {
  await teeCpu('tee');
}

import { teeCpu } from './sink/tee-cpu';

/** The tees alone, without the rest of `npm run bench -- sink`. */
export async function run(): Promise<void> {
  await teeCpu('tee');
}

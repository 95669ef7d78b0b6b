import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** Lets every other process of this machine have the processors first, from now on. */
export function yieldToOthers(): void {
  for (const thread of threadsOfThisProcess()) {
    try {
      setPriority(thread, constants.priority.PRIORITY_LOW);
    } catch {
      // It has just ended, or a sandbox forbids this: no reason to stop the command.
    }
  }
}

/**
 * Returns the ids of the threads that run already: on Linux a priority is of one thread, and a thread that is started later inherits it
 * (https://man7.org/linux/man-pages/man2/setpriority.2.html). Other systems have one priority for a whole process, which is `0` here.
 */
function threadsOfThisProcess(): readonly number[] {
  if (process.platform !== 'linux') return [0];
  return readdirSync('/proc/self/task').map(Number);
}

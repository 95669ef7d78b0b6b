import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Task, ThreadMessage } from './task';

/** A comparison that follows a restore follows at once. After that, an idle thread would only hold memory. */
const idleMsMax = 1_000;

/**
 * Starts threads, and keeps each one whose task is done for the next task, for a moment: it is up, and V8 has compiled much of the code that the
 * next task needs.
 */
export class ThreadPool {
  readonly #start: () => Worker;
  /** The threads without a task, each with the timer that ends it. */
  readonly #idle = new Map<Worker, NodeJS.Timeout>();

  /** @param start starts a thread that runs `worker.ts` */
  constructor(start: () => Worker) {
    this.#start = start;
  }

  /** Starts threads for tasks that come soon, unless as many wait for one. */
  prepare(count: number): void {
    for (let waiting = this.#idle.size; waiting < count; waiting += 1) this.giveBack(this.#start());
  }

  /** Begins with a task in a thread that no one else has. Terminate the thread after use, or give it back. */
  take(task: Task): Worker {
    const [worker = this.#start()] = this.#idle.keys();
    this.#forget(worker);
    worker.removeAllListeners();
    worker.ref();
    worker.postMessage({ task } satisfies ThreadMessage);
    return worker;
  }

  /** Takes a thread back that has answered all requests, and has nothing open. */
  giveBack(worker: Worker): void {
    worker.removeAllListeners();
    worker.on('error', () => this.#forget(worker)); // it had no task that could fail
    worker.on('exit', () => this.#forget(worker));
    worker.postMessage({ task: 'none' } satisfies ThreadMessage); // frees the memory of its last task
    worker.unref();
    const end = () => {
      this.#forget(worker);
      void worker.terminate();
    };
    this.#idle.set(worker, setTimeout(end, idleMsMax).unref());
  }

  #forget(worker: Worker): void {
    clearTimeout(this.#idle.get(worker));
    this.#idle.delete(worker);
  }
}

const file = new URL('./worker.js', import.meta.url);
// What this process was started with, such as a debugger or a loader of sources, is not for the thread.
const ofPackage = new ThreadPool(() => new Worker(file, { execArgv: [] }));

/** Returns the threads of this package; `undefined` where their file is not beside this one, as in a program that was bundled into one file. */
export function packageThreads(): ThreadPool | undefined {
  return file.protocol === 'file:' && existsSync(fileURLToPath(file)) ? ofPackage : undefined;
}

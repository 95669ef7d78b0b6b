import type { MessagePort } from 'node:worker_threads';
import type { ThreadRequest } from '../compile/threads/messages';
import { serveCompiling } from '../compile/threads/serve';
import type { ScanRequest } from '../verify/scan/threads/messages';
import { serveScanning } from '../verify/scan/threads/serve';
import type { Task, ThreadMessage } from './task';

/** Does one task after another, until the thread is terminated. */
export function serveTasks(port: Pick<MessagePort, 'on' | 'postMessage'>): void {
  let take = taskOf('none', port);
  port.on('message', (message: ThreadMessage) => {
    if (typeof message === 'object' && 'task' in message) take = taskOf(message.task, port);
    else take(message);
  });
}

/** Begins with a task; returns what takes its requests. */
function taskOf(task: Task, port: Pick<MessagePort, 'postMessage'>): (request: ThreadRequest | ScanRequest) => void {
  if (task === 'none') return () => undefined;
  const take =
    'compile' in task
      ? serveCompiling((answer) => port.postMessage(answer), task.compile)
      : serveScanning((answer) => port.postMessage(answer), task.scan);
  return take as (request: ThreadRequest | ScanRequest) => void; // those of its own task
}

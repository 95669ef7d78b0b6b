import type { ThreadData, ThreadRequest } from '../compile/threads/messages';
import type { ScanRequest, ScanThreadData } from '../verify/scan/threads/messages';

/** What a thread does until it gets another task. */
export type Task = { readonly compile: ThreadData } | { readonly scan: ScanThreadData } | 'none';

/** A message to a thread: it begins with a task, or is for the task that it has. */
export type ThreadMessage = { readonly task: Task } | ThreadRequest | ScanRequest;

import type { ThreadData } from '../../src/compile/threads/messages';
import { startOfSource } from './source-thread';

/** Starts a thread that compiles, from the sources. */
export const startFromSource = startOfSource<ThreadData>(new URL('../../src/compile-worker.ts', import.meta.url));

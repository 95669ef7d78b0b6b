import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { Machine } from '../certificate/certificate';

/** Describes this machine as certificates do, without its name. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: platform(),
    arch: arch(),
  };
}

/** Returns whether two machines are of one kind, so that the same work takes the same time. */
export function isAlike(a: Machine, b: Machine): boolean {
  return a.cpu === b.cpu && a.cores === b.cores && a.platform === b.platform && a.arch === b.arch;
}

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { supervise } from '../src/servers/supervisor';

// A process that is killed looks like this one for a moment: the kernel closes its files before it ends its threads.
const closesItsOutputFirst = ['/bin/sh', '-c', 'exec 1>&- 2>&-; sleep 0.2'] as const;

it.skipIf(process.platform !== 'linux')(
  'reports the end of a program only once others no longer see it run',
  async () => {
    const server = await supervise(closesItsOutputFirst, '/nonexistent');
    await server.exited;
    expect(stateOf(server.pid)).toMatch(/^[ZX]?$/);
    await server.release('keep');
  },
);

function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2);
  } catch {
    return ''; // no entry is left
  }
}

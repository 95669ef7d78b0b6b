import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { available, once } from '../servers/available';
import { unpackDebianPackages } from '../servers/debian';

const run = promisify(execFile);

export interface RedisBinary {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Finds `redis-server` on this machine: on PATH, or else unpacked from Debian's package. A process looks only once.
 *
 * @throws Error that says how to get it
 */
export const findRedisBinary: () => Promise<RedisBinary> = once(find);

/** Returns whether tests on a real Redis can run, like `influxdAvailable`. */
export function redisAvailable(): Promise<boolean> {
  return available('a real Redis', findRedisBinary);
}

async function find(): Promise<RedisBinary> {
  const onPath: RedisBinary = { path: 'redis-server', env: process.env };
  if (await runs(onPath)) return onPath;
  try {
    const { binDir, libraryPath } = await unpackDebianPackages(['redis-server'], 'redis-server');
    const unpacked = { path: join(binDir, 'redis-server'), env: { ...process.env, LD_LIBRARY_PATH: libraryPath } };
    await run(unpacked.path, ['--version'], { env: unpacked.env });
    return unpacked;
  } catch (cause) {
    throw new Error(
      'Found no Redis: redis-server is not on PATH, and Debian’s package cannot be fetched. ' +
        `Run \`apt-get install redis-server\`. (${cause instanceof Error ? cause.message.trim() : String(cause)})`,
      { cause },
    );
  }
}

function runs({ path, env }: RedisBinary): Promise<boolean> {
  return run(path, ['--version'], { env }).then(
    () => true,
    () => false,
  );
}

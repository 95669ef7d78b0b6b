import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { available, once } from '../servers/available';
import { unpackDebianPackages } from '../servers/debian';

const run = promisify(execFile);

export interface InfluxBinaries {
  /** The server. */
  readonly influxd: string;
  /** The official command-line tool, whose importer must accept our files. */
  readonly influx: string;
}

/**
 * Finds InfluxDB 1.x on this machine: on PATH, or else unpacked from Debian's packages. A process looks only once.
 *
 * @throws Error that says how to get it
 */
export const findInfluxBinaries: () => Promise<InfluxBinaries> = once(find);

/**
 * Returns whether tests on a real influxd can run: `describe.skipIf(!(await influxdAvailable()))('…', …)`.
 *
 * If there is none, it prints a loud notice that says how to get one; in CI (`CI=true`) it throws instead.
 */
export function influxdAvailable(): Promise<boolean> {
  return available('a real InfluxDB', findInfluxBinaries);
}

async function find(): Promise<InfluxBinaries> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const binaries = { influxd: join(folder, 'influxd'), influx: join(folder, 'influx') };
    if ((await isVersion1(binaries.influxd)) && (await isVersion1(binaries.influx, '-version'))) return binaries;
  }
  try {
    const { binDir } = await unpackDebianPackages(['influxdb', 'influxdb-client'], 'influxd');
    return { influxd: join(binDir, 'influxd'), influx: join(binDir, 'influx') };
  } catch (cause) {
    throw new Error(
      'Found no InfluxDB 1.x: influxd and influx are not on PATH, and Debian’s packages cannot be fetched. ' +
        'Run `apt-get install influxdb influxdb-client`, or download 1.x from https://www.influxdata.com/downloads ' +
        `and put both programs on PATH. (${cause instanceof Error ? cause.message.trim() : String(cause)})`,
      { cause },
    );
  }
}

/** Returns whether the program is of version 1: InfluxDB 2.x installs an `influxd` too, but it is another server. */
async function isVersion1(path: string, flag = 'version'): Promise<boolean> {
  return run(path, [flag]).then(
    ({ stdout }) => /\bv?1\.\d/.test(stdout),
    () => false,
  );
}

import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { available } from '../servers/available';
import { unpackDebianPackages } from '../servers/debian';

const run = promisify(execFile);

export interface InfluxBinaries {
  /** The server. */
  readonly influxd: string;
  /** The official command line tool, whose importer our files must suit. */
  readonly influx: string;
}

let found: Promise<InfluxBinaries> | undefined;

/**
 * InfluxDB 1.x on this machine: from PATH, else Debian's packages. Looked for once a process.
 *
 * @throws Error saying how to get it
 */
export function findInfluxBinaries(): Promise<InfluxBinaries> {
  found ??= find();
  return found;
}

/**
 * Whether a test that needs a real influxd can run: `describe.skipIf(!(await influxdAvailable()))('…', …)`.
 *
 * Where there is none, it says so loudly, with the way to get one; in CI (`CI=true`) it throws.
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
      'No InfluxDB 1.x on this machine: influxd and influx are not on PATH, and Debian’s packages cannot be fetched. ' +
        'Get it with `apt-get install influxdb influxdb-client`, or from https://www.influxdata.com/downloads (1.x), ' +
        `and put both on PATH. (${cause instanceof Error ? cause.message.trim() : String(cause)})`,
      { cause },
    );
  }
}

/** InfluxDB 2.x installs an `influxd` too, which is another server. */
async function isVersion1(path: string, flag = 'version'): Promise<boolean> {
  return run(path, [flag]).then(
    ({ stdout }) => /\bv?1\.\d/.test(stdout),
    () => false,
  );
}

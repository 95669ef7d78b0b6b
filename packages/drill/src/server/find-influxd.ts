import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { DrillError } from '../errors';

const run = promisify(execFile);
const answerMsMax = 30_000;

/**
 * Returns the program to start: the one that is given, or the first of version 1 on `PATH`.
 *
 * @throws DrillError `NO_INFLUXD`, with how to get one
 */
export async function findInfluxd(given: string | undefined, path = process.env.PATH ?? ''): Promise<string> {
  for await (const program of given === undefined ? programsOn(path) : [given]) {
    if (await isVersion1(program)) return program;
  }
  const what =
    given === undefined ? 'There is no influxd of InfluxDB 1.x on PATH' : `${given} is no influxd of InfluxDB 1.x`;
  const get =
    'Install it (Debian: `apt-get install influxdb`; others: https://www.influxdata.com/downloads, version 1)';
  const use =
    'name one with influxd (--influxd PATH), or start an empty server elsewhere and name it with scratchServer (--scratch-server URL)';
  throw new DrillError('NO_INFLUXD', `${what}, and a drill restores into one of its own. ${get}, ${use}.`);
}

/** Yields the programs of that name. To look first is faster than to start a process for every folder: most have none. */
async function* programsOn(path: string): AsyncGenerator<string> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const program = join(folder, 'influxd');
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) yield program;
  }
}

/** InfluxDB 2 installs an `influxd`, too. */
async function isVersion1(program: string): Promise<boolean> {
  try {
    const { stdout } = await run(program, ['version'], { timeout: answerMsMax });
    return /\bv?1\.\d/.test(stdout);
  } catch {
    return false; // it is not there, or something else
  }
}

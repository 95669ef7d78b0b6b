import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../servers/ports';
import { type SupervisedServer, supervise } from '../servers/supervisor';
import { findInfluxBinaries } from './binaries';
import { type InfluxdSettings, type Ports, renderConfig } from './config';

export interface InfluxdOptions {
  /** Settings that override the defaults, which keep the log short. */
  readonly settings?: InfluxdSettings;
}

/** A real InfluxDB that we started: on free ports of the loopback interface, in a temporary directory. */
export interface Influxd {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly httpPort: number;
  /** The port for `influxd backup -host 127.0.0.1:PORT`. */
  readonly rpcPort: number;
  readonly version: string;
  /** The process. It is another one after each start. */
  readonly pid: number;
  /** The temporary directory, with `meta`, `data`, `wal` and the configuration file. */
  readonly dataDir: string;
  /** Ends the server with SIGTERM and removes the directory. It may be called again, and after `kill`. */
  stop(): Promise<void>;
  /** Ends the server with SIGKILL. What InfluxDB had acknowledged is on the disk and stays there. */
  kill(): Promise<void>;
  /** Stops the server with SIGSTOP until `resume`: the kernel accepts connections, but no answer comes. */
  pause(): void;
  resume(): void;
  /** Starts the server again with the same ports and directory. If it runs, it is ended with SIGTERM first. */
  restart(settings?: InfluxdSettings): Promise<void>;
  /** Causes the disaster: ends the server with SIGKILL and deletes every database. `restart` then starts an empty server. */
  destroyData(): Promise<void>;
}

/** influxd is ready in 0.1 s on a quiet machine, but a test machine may be busy. */
const readyMsMax = 30_000;
const startAttemptsMax = 5;

/**
 * Starts influxd and resolves when it answers. `stop` ends it and removes its directory; so does the end of this process,
 * even by SIGKILL.
 *
 * @throws Error that says how to get InfluxDB if this machine has none
 */
export async function startInfluxd(options: InfluxdOptions = {}): Promise<Influxd> {
  const { influxd: binary } = await findInfluxBinaries();
  // The real path is needed because /tmp is a symbolic link on macOS and on some CI hosts.
  const dataDir = await realpath(await mkdtemp(join(tmpdir(), 'ceres-influxd-')));
  let settings = options.settings ?? {};
  let ports = await influxdPorts();
  let server: SupervisedServer | undefined;

  /** Starts the server. If another process took a port before influxd could bind it, a new server tries other ports. */
  async function start(choosePorts: (attempt: number) => Promise<Ports>): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      ports = await choosePorts(attempt);
      const configFile = join(dataDir, 'influxd.conf');
      await writeFile(configFile, renderConfig(dataDir, ports, settings));
      const previous = server;
      server = await supervise([binary, 'run', '-config', configFile], dataDir);
      await previous?.release('keep');
      const outcome = await ready(server, ports.http);
      if (outcome.ready) return outcome.version;
      if (attempt === startAttemptsMax || !/address already in use/.test(outcome.log)) {
        await server.release('remove');
        throw new Error(`influxd did not start: ${outcome.log.trim()}`);
      }
      await delay(50);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server === undefined) return;
    server.signal(signal);
    server.signal('SIGCONT'); // A paused process would not notice a SIGTERM.
    await server.exited;
  }

  const version = await start((attempt) => (attempt === 1 ? Promise.resolve(ports) : influxdPorts()));
  return {
    url: `http://127.0.0.1:${ports.http}`,
    httpPort: ports.http,
    rpcPort: ports.rpc,
    version,
    get pid() {
      return server?.pid ?? 0;
    },
    dataDir,
    stop: async () => {
      await end('SIGTERM');
      await server?.release('remove');
      server = undefined;
    },
    kill: () => end('SIGKILL'),
    pause: () => server?.signal('SIGSTOP'),
    resume: () => server?.signal('SIGCONT'),
    restart: async (changed) => {
      if (server === undefined) throw new Error('influxd was stopped and its directory removed. Start a new one.');
      settings = changed ?? settings;
      await end('SIGTERM');
      await start(() => Promise.resolve(ports));
    },
    destroyData: async () => {
      await end('SIGKILL');
      for (const folder of ['meta', 'data', 'wal']) await rm(join(dataDir, folder), { recursive: true, force: true });
    },
  };
}

async function influxdPorts(): Promise<Ports> {
  const [http = 0, rpc = 0] = await freePorts(2);
  return { http, rpc };
}

type Readiness = { readonly ready: true; readonly version: string } | { readonly ready: false; readonly log: string };

async function ready(server: SupervisedServer, port: number): Promise<Readiness> {
  const died = server.exited.then((log) => ({ ready: false, log }) as const);
  const deadlineMs = Date.now() + readyMsMax;
  while (Date.now() < deadlineMs) {
    const outcome = await Promise.race([died, askVersion(port)]);
    if (outcome !== undefined) return outcome;
    await delay(10);
  }
  return { ready: false, log: `no answer on port ${port} within ${readyMsMax} ms` };
}

async function askVersion(port: number): Promise<Readiness | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/ping`);
    return { ready: true, version: response.headers.get('x-influxdb-version') ?? 'unknown' };
  } catch {
    return undefined; // It does not listen yet.
  }
}

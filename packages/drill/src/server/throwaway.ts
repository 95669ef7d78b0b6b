import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { InfluxHttpError, ping } from '@ceres/influx-http';
import type { Clock } from '@ceres/internal';
import { DrillError } from '../errors';
import type { DrillFolder } from '../folder/drill-folder';
import type { DrillServer } from './drill-server';
import { type GuardedProcess, startGuarded } from './guarded-process';
import { influxdConfig, type Ports } from './influxd-config';

/** influxd is ready in 0.1 s, but a machine that is busy with other work may take long. */
const readyMsMax = 120_000;
const askEveryMs = 5;
/** Another process may take a port before influxd does. */
const attemptsMax = 5;

export interface ThrowawaySettings {
  readonly influxd: string;
  readonly folder: DrillFolder;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/**
 * Starts a server for one drill, on free ports of the loopback interface, with everything below the drill's folder.
 *
 * @throws DrillError `SERVER_NOT_STARTED`; the signal's reason
 */
export async function startThrowaway(settings: ThrowawaySettings): Promise<DrillServer> {
  const { influxd, folder, signal } = settings;
  const directory = folder.server;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (let attempt = 1; ; attempt += 1) {
    const ports = await freePorts();
    const config = join(directory, 'influxd.conf');
    await writeFile(config, influxdConfig(directory, ports));
    const guarded = await start(folder.path, [influxd, 'run', '-config', config]);
    const url = `http://127.0.0.1:${ports.http}`;
    const outcome = await ready(guarded, url, settings).catch(async (error: unknown) => {
      await guarded.end();
      throw error;
    });
    if ('version' in outcome) return runningServer(guarded, url, ports, outcome.version);
    await guarded.end();
    signal?.throwIfAborted();
    const isTaken = /address already in use/.test(outcome.log);
    if (isTaken && attempt < attemptsMax) {
      await folder.restore(); // the guard has removed it
      await mkdir(directory, { recursive: true, mode: 0o700 });
      continue;
    }
    const todo = isTaken
      ? `Other programs took ${attemptsMax} pairs of free ports in a row: drill again when this machine starts fewer of them`
      : `Try \`${influxd} run\` by hand, or drill into another server (--scratch-server)`;
    throw new DrillError('SERVER_NOT_STARTED', `influxd did not start: ${outcome.log || 'it said nothing'}. ${todo}.`);
  }
}

async function start(folder: string, command: readonly string[]): Promise<GuardedProcess> {
  try {
    return await startGuarded(folder, command);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DrillError('SERVER_NOT_STARTED', `influxd could not be started: ${reason}.`, { cause });
  }
}

function runningServer(guarded: GuardedProcess, url: string, ports: Ports, version: string): DrillServer {
  const lost = new AbortController();
  let isOver = false;
  guarded.ended.then((log) => {
    if (isOver) return;
    const said = log === '' ? 'it said nothing' : `it said: ${log}`;
    lost.abort(
      new DrillError('SERVER_NOT_STARTED', `The throwaway influxd ended in the middle of the drill; ${said}.`),
    );
  });
  return {
    server: { url },
    snapshot: `tcp://127.0.0.1:${ports.snapshot}`,
    version,
    lost: lost.signal,
    claim: async () => undefined,
    remove: async () => {
      isOver = true;
      await guarded.end();
    },
  };
}

type Readiness = { readonly version: string } | { readonly log: string };

async function ready(guarded: GuardedProcess, url: string, { clock, signal }: ThrowawaySettings): Promise<Readiness> {
  const ended = guarded.ended.then((log) => ({ log }));
  const deadlineMs = clock.now() + readyMsMax;
  while (clock.now() < deadlineMs) {
    const outcome = await Promise.race([ended, asked(url)]);
    if (outcome !== undefined) return outcome;
    await clock.sleep(askEveryMs, signal);
  }
  return { log: `it did not answer within ${readyMsMax / 1_000} s` };
}

async function asked(url: string): Promise<Readiness | undefined> {
  try {
    return await ping({ url, connectTimeoutMs: 5_000, timeoutMs: 5_000 });
  } catch (error) {
    if (error instanceof InfluxHttpError) return undefined; // it does not listen yet
    throw error;
  }
}

/** Returns two ports that are free now. Both are held until both are known, so that they differ. */
async function freePorts(): Promise<Ports> {
  const holders = [createServer(), createServer()];
  const [http = 0, snapshot = 0] = await Promise.all(
    holders.map(async (holder) => {
      holder.listen(0, '127.0.0.1');
      await once(holder, 'listening');
      return (holder.address() as AddressInfo).port;
    }),
  );
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))));
  return { http, snapshot };
}

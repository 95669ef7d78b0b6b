import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, createTee, LocalStorage, teeInflux } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { type Figure, median, telemetryPoints } from '@ceres/testkit';
import { InfluxDB } from 'influx';

const pointsPerWrite = 5_000;
const writesPerRound = 20;
const rounds = 7;

/** A server that answers 204 to everything, in a process of its own, so that its CPU is not counted. */
const discard = `
require('node:http').createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(204).end());
}).listen(0, '127.0.0.1', function () { process.send(this.address().port); });
`;

/** Measures the CPU per point of all threads of this process: for the whole path of a tee, including gzip and upload, and for node-influx alone. */
export async function teeCpu(bench: string): Promise<void> {
  await withDiscard((port, folder) => compareTees(bench, port, folder));
}

/** Runs `work` with the port of such a server and a folder of its own; both are gone afterwards. */
export async function withDiscard(work: (port: number, folder: string) => Promise<void>): Promise<void> {
  const server = spawn(process.execPath, ['-e', discard], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const folder = await mkdtemp(join(tmpdir(), 'ceres-bench-tee-'));
  try {
    await work(await portOf(server), folder);
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compareTees(bench: string, port: number, folder: string): Promise<void> {
  const storage = new LocalStorage(join(folder, 'backup'));
  const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 'ns' });
  const influx = new InfluxWriter({ url: `http://127.0.0.1:${port}` });
  const client = new InfluxDB({ host: '127.0.0.1', port, database: 'db_0' });
  const options = { instance: 'influxdb-0' };
  const tee = createTee(influx, sink, options);
  const teed = teeInflux(client, sink, options);

  // node-influx writes bigints as floats and cannot send what holds a newline in a tag: both get what both can write.
  const points = [...telemetryPoints({ points: pointsPerWrite, devices: 1_000 })].map(({ fields, ...point }) => ({
    ...point,
    measurement: point.measurement.replaceAll(' ', '_'),
    fields: Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, typeof v === 'bigint' ? Number(v) : v])),
  }));
  const nodeInfluxPoints = points.map((point) => ({ ...point, timestamp: String(point.timestamp) }));

  const ways = {
    'tee-cpu-vs-writePoints': async () => {
      await tee.write({ database: 'db_0' }, points);
    },
    'tee-influx-vs-writePoints': () => teed.writePoints(nodeInfluxPoints),
    writePoints: () => client.writePoints(nodeInfluxPoints),
  };
  const cpu = Object.fromEntries(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, write] of Object.entries(ways)) {
      const used = await cpuMicroseconds(async () => {
        for (let n = 0; n < writesPerRound; n += 1) await write();
        await sink.flush();
      });
      if (round >= 0) cpu[name]?.push(used / (writesPerRound * pointsPerWrite)); // The first round warms up.
    }
  }
  const theirs = median(cpu.writePoints ?? []);
  for (const name of Object.keys(ways).slice(0, -1)) printCpu(bench, name, median(cpu[name] ?? []), theirs);
  await sink.close();
  await influx.close();
}

/** Returns the CPU that all threads of this process used for some work. */
export async function cpuMicroseconds(work: () => Promise<void>): Promise<number> {
  globalThis.gc?.();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function printCpu(bench: string, name: string, ours: number, theirs: number): void {
  const figure: Figure = {
    bench,
    case: name,
    unit: 'CPU µs/point',
    ours: Number(ours.toFixed(3)),
    peer: 'influx 5.12.0 writePoints, without a backup',
    theirs: Number(theirs.toFixed(3)),
    ratio: Number((ours / theirs).toFixed(3)),
  };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}

async function portOf(server: ChildProcess): Promise<number> {
  const [port] = (await once(server, 'message')) as [number];
  return port;
}

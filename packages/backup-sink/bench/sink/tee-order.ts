import { join } from 'node:path';
import { BackupSink, createTee, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { type Figure, median, telemetryPoints } from '@ceres/testkit';
import { cpuMicroseconds, withDiscard } from './tee-cpu';

const writers = 4;
const pointsPerWrite = 5_000;
const writesPerWriter = 5;
const rounds = 9;
const hourNs = 3_600_000_000_000n;

/**
 * Measures what it costs to keep writes of one point in order: four writers at once, each with series of its own. If their times are the
 * same, the series of all writes in progress are compared; if not, the times alone decide, and nothing is compared.
 */
export async function teeOrder(bench: string): Promise<void> {
  await withDiscard((port, folder) => compareOrder(bench, port, folder));
}

async function compareOrder(bench: string, port: number, folder: string): Promise<void> {
  const storage = new LocalStorage(join(folder, 'backup'));
  const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 'ns' });
  const influx = new InfluxWriter({ url: `http://127.0.0.1:${port}` });
  const tee = createTee(influx, sink, { instance: 'influxdb-0' });
  const ways = { compared: pointsOf(() => 0n), apart: pointsOf((writer) => BigInt(writer) * hourNs) };
  const cpu: Record<keyof typeof ways, number[]> = { compared: [], apart: [] };

  for (let round = -1; round < rounds; round += 1) {
    for (const way of ['compared', 'apart'] as const) {
      const used = await cpuMicroseconds(async () => {
        await Promise.all(
          ways[way].map(async (points) => {
            for (let n = 0; n < writesPerWriter; n += 1) await tee.write({ database: 'db_0' }, points);
          }),
        );
        await sink.flush();
      });
      if (round >= 0) cpu[way].push(used / (writers * writesPerWriter * pointsPerWrite)); // The first round warms up.
    }
  }
  const [ours, theirs] = [median(cpu.compared), median(cpu.apart)];
  const figure: Figure = {
    bench,
    case: 'tee-order-cpu',
    unit: 'CPU µs/point',
    ours: Number(ours.toFixed(3)),
    peer: 'the same writes at different times, which are not compared',
    theirs: Number(theirs.toFixed(3)),
    ratio: Number((ours / theirs).toFixed(3)),
  };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
  await sink.close();
  await influx.close();
}

function pointsOf(shiftNs: (writer: number) => bigint) {
  const points = [...telemetryPoints({ points: pointsPerWrite, devices: 1_000 })];
  return Array.from({ length: writers }, (_, writer) =>
    points.map(({ tags, timestamp, ...point }) => ({
      ...point,
      tags: { ...tags, writer: String(writer) },
      timestamp: timestamp + shiftNs(writer),
    })),
  );
}

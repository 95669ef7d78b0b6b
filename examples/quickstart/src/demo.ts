import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createReport, drill } from '@ceres/drill';
import { planRestore, restore, verify } from '@ceres/restore';
import { seed } from '@ceres/seed';
import { LocalStorage } from '@ceres/storage';
import { writeHistory } from './history';
import { countPoints, createDatabases } from './influx';
import { databases, IngestionService, instance, retentionPolicy } from './ingestion-service';
import { clearProgress, count, printDone, printProgress, printStep } from './output';
import { printResult } from './result';
import { type Server, startServer } from './server';

/** How long the service writes. During the last seconds InfluxDB is gone. */
const serviceSeconds = Number(process.env.CERES_DEMO_SECONDS ?? 10);
const withoutInfluxSeconds = 2;

const home = await mkdtemp(join(tmpdir(), 'ceres-demo-'));
const backupDir = join(home, 'backup');
const workDir = join(home, 'work');

printStep('Start InfluxDB, which has data already, and no backup');
const original = await startServer();
await createDatabases(original.url, databases, retentionPolicy, '5d');
printDone(`${original.name} with ${databases.length} databases, each with policy ${retentionPolicy} (5 days)`);
const history = await writeHistory(original.url, databases, retentionPolicy);
printDone(`${count(sum(history))} points of the last hour`);

printStep(
  'Start a service that writes to InfluxDB and to the backup, and seed: copy what was there before into the backup',
);
const service = await IngestionService.start(original.url, backupDir, join(workDir, 'spool'));
const copied = await seedFrom(original);

printStep(`Write for ${serviceSeconds} seconds: metrics of this machine and of simulated devices`);
await writeUntil(serviceSeconds - withoutInfluxSeconds);

printStep('Disaster: InfluxDB is killed and its data deleted; the service continues to write, to the backup alone');
await original.destroy();
await writeUntil(serviceSeconds);
await service.stop();

printStep('Recover: start an empty InfluxDB, restore the backup, verify');
const recoveryStartedMs = Date.now();
const server = await startServer();
const verdict = await recoverInto(server);
const recoverySeconds = (Date.now() - recoveryStartedMs) / 1000;
const restored = await countPoints(server.url, databases, retentionPolicy);
await server.stop();
await rm(workDir, { recursive: true });

const lostSeconds = service.newestPointS - restored.newestPointS;
const written = new Map(databases.map((name) => [name, (copied.get(name) ?? 0) + (service.written.get(name) ?? 0)]));
printResult({ written, restored: restored.points, verdict, lostSeconds, recoverySeconds, backupDir });

printStep('Drill, as you would every week: the backup that is kept, once more, into a throwaway server');
const hasPassed = await drillBackup(server);

printStep('Report: a page about the backup, to open in a browser');
printDone(await writeReport());
process.exitCode = verdict.equal && hasPassed ? 0 : 1;

/** Copies what a server holds into the backup. Returns how many points of each database are in it now. */
async function seedFrom({ snapshotUrl }: Server): Promise<ReadonlyMap<string, number>> {
  if (snapshotUrl === undefined) {
    printDone('the stand-in has no snapshot service: what it holds already is not seeded');
    return new Map();
  }
  const storage = new LocalStorage(backupDir);
  const options = { source: snapshotUrl, workDir: join(workDir, 'seed'), precision: 's' } as const;
  const { points, files, isProven } = await seed({ storage, instance, ...options });
  printDone(`${count(points)} points copied into ${files} files${isProven ? ', read back and proven' : ''}`);
  return history;
}

/** Proves that the backup would come back once more, and stores the certificate in it. Returns whether the drill has passed. */
async function drillBackup({ influxd }: Server): Promise<boolean> {
  if (influxd === undefined) {
    printDone('there is no influxd for it on this machine');
    return true;
  }
  const storage = new LocalStorage(backupDir);
  const { certificate, key } = await drill({ storage, instance, influxd, certificates: storage });
  const { verdict: word, reasons, verified, recovery } = certificate;
  for (const reason of reasons) printDone(reason);
  printDone(
    `${count(verified?.points ?? 0)} points compared, every value; back in ${recovery.seconds?.toFixed(1)} seconds`,
  );
  printDone(`${word}: ${join(backupDir, key ?? '')}`);
  return word === 'PASS';
}

/** Writes a page for people who look rather than read; returns its path. */
async function writeReport(): Promise<string> {
  const { html } = await createReport({ storage: new LocalStorage(backupDir), backup: backupDir });
  const path = join(home, 'report.html');
  await writeFile(path, html);
  return path;
}

function sum(numbers: ReadonlyMap<string, number>): number {
  return [...numbers.values()].reduce((total, number) => total + number, 0);
}

async function writeUntil(second: number): Promise<void> {
  while (service.ticks < second) {
    const nextTickMs = Date.now() + 1000;
    await service.tick();
    printProgress(`second ${service.ticks}: ${count(service.pointsWritten)} points written and acked`);
    await sleep(Math.max(0, nextTickMs - Date.now()));
  }
  clearProgress();
  printDone(`${count(service.pointsWritten)} points written and acked`);
}

async function recoverInto({ url, name }: Server) {
  const storage = new LocalStorage(backupDir);
  const plan = await planRestore({ storage, instance });
  printDone(`${plan.files} files, ${(plan.bytes / 1e6).toFixed(1)} MB, into ${name}`);
  const report = await restore(plan, {
    to: { url },
    journalFile: join(workDir, 'restore.journal'),
    rejectsDir: join(workDir, 'rejects'),
    onProgress: ({ files, filesTotal, lines, linesPerSecond }) =>
      printProgress(
        `${files}/${filesTotal} files, ${count(lines)} lines, ${count(Math.round(linesPerSecond))} lines/s`,
      ),
  });
  clearProgress();
  printDone(`${count(report.lines)} lines restored, ${report.rejected} rejected, ${report.expired} expired`);
  const verdict = await verify({ storage, instance, to: { url } });
  printDone(`${count(verdict.points)} points compared: ${verdict.outcome}`);
  return verdict;
}

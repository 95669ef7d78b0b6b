// Does the steps of a round from one on, and prints the number of each that is done: `writer.ts FILE FROM`. It may be killed at any moment.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BackupSink, createTee, createWriteHandler, LocalStorage, readPolicies } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { query } from '@ceres/testkit';
import type { WriterSettings } from './run-writer';
import { defaultBefore, type Step } from './schedule';

const [file = '', from = '0'] = process.argv.slice(2);
const { url, database, spoolDir, root, schedule } = JSON.parse(readFileSync(file, 'utf8')) as WriterSettings;
const first = Number(from);
const instance = 'influxdb-0';
type Policies = Awaited<ReturnType<typeof readPolicies>>;
let policies: Policies | undefined;

const learn = async () => {
  policies = await readPolicies({ url }, [database]);
};
const alter = async (to: string) => {
  await query(url, '', `ALTER RETENTION POLICY ${to} ON ${database} DEFAULT`);
  if (policies !== undefined) await learn();
};

await alter(defaultBefore(schedule, first));
if (schedule.steps.slice(0, first).some(({ kind }) => kind === 'learn')) await learn();
const { segmentBytesMax, segmentAgeMsMax } = schedule;
const sink = await BackupSink.open({
  storage: new LocalStorage(root),
  spoolDir,
  precision: 's',
  segmentBytesMax,
  segmentAgeMsMax,
  policies: (partition) => policies?.(partition),
});
const write = schedule.tee === 'createTee' ? throughTee() : await throughHandler();

const inProgress = new Set<Promise<void>>();
for (let i = first; i < schedule.steps.length; i += 1) {
  const step = schedule.steps[i] as Step;
  if (step.kind === 'write') {
    const done = write(step).then(() => report(i));
    inProgress.add(done);
    void done.finally(() => inProgress.delete(done));
    if (inProgress.size >= schedule.inProgressMax) await Promise.race(inProgress);
    continue;
  }
  await Promise.all(inProgress);
  if (step.kind === 'alter') await alter(step.to);
  else await learn();
  report(i);
}
await Promise.all(inProgress);
const { unstoredFiles } = await sink.close();
assert.equal(unstoredFiles, 0);
process.exit(0);

type Write = (step: Step & { readonly kind: 'write' }) => Promise<void>;

function throughTee(): Write {
  const tee = createTee(new InfluxWriter({ url }), sink, { instance });
  return async ({ point, value, policy }) => {
    const points = [
      { measurement: 'm', tags: { p: String(point) }, fields: { v: BigInt(value) }, timestamp: 1_700_000_000n },
    ];
    await tee.write({ database, ...(policy !== undefined && { retentionPolicy: policy }) }, points);
  };
}

async function throughHandler(): Promise<Write> {
  const server = createServer(createWriteHandler(url, sink, { instance }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return async ({ point, value, policy }) => {
    const parameters = new URLSearchParams({
      db: database,
      precision: 's',
      ...(policy !== undefined && { rp: policy }),
    });
    const body = `m,p=${point} v=${value}i 1700000000\n`;
    const answer = await fetch(`http://127.0.0.1:${port}/write?${parameters}`, { method: 'POST', body });
    assert.equal(answer.status, 204, await answer.text());
  };
}

function report(step: number): void {
  process.stdout.write(`${step}\n`);
}

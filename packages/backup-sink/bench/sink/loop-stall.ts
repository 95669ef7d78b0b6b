import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, createWriteHandler, LocalStorage } from '@ceres/backup-sink';
import { report } from '@ceres/testkit';

/** An InfluxDB that answers 204 to everything, and a client that posts a body of each kind, in a process of their own. */
const others = `
const http = require('node:http');
const { gzipSync } = require('node:zlib');
const influx = http.createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(204, { 'x-influxdb-version': '1.6.7' }).end());
}).listen(0, '127.0.0.1', () => process.send({ port: influx.address().port }));
const bodies = {
  'short lines': 'm v=1\\n'.repeat(1_000_000),
  'blank lines': '\\n'.repeat(1_000_000),
  'comments': '# m v=1\\n'.repeat(1_000_000),
  'good lines': 'm,host=a,region=b v=1,w="abc",x=3i 1700000000\\n'.repeat(1_000_000),
  'bad lines': 'x\\n'.repeat(1_000_000),
  'too many lines': 'm v=1\\n'.repeat(15_000_000),
  'digits': 'm v=' + '1'.repeat(490_000) + 'x',
  'one integer': 'm v=' + '9'.repeat(490_000) + 'i',
  'many fields': 'm v=1' + Array.from({ length: 50_000 }, (_, n) => ',f' + n + '=1').join(''),
  'many tags': 'm' + Array.from({ length: 50_000 }, (_, n) => ',t' + n + '=1').join('') + ' v=1',
  'an open string': 'm v="' + 'a\\n'.repeat(900_000),
};
process.on('message', async (port) => {
  for (const [kind, body] of Object.entries(bodies)) {
    const sent = gzipSync(body, { level: 1 });
    process.send({ kind });
    await once(port, sent);
    process.send({ done: kind });
  }
  process.send({ end: true });
});
function once(port, body) {
  return new Promise((resolve) => {
    const headers = { 'content-encoding': 'gzip', 'content-length': body.length };
    http.request({ host: '127.0.0.1', port, method: 'POST', path: '/write?db=db_0&precision=s', headers }, (response) => {
      response.resume().on('end', resolve);
    }).on('error', resolve).end(body);
  });
}
`;

/** Measures the longest time that the event loop is kept from everything else while large bodies of every kind are handled. */
export async function loopStall(bench: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-bench-stall-'));
  const child = spawn(process.execPath, ['-e', others], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const storage = new LocalStorage(join(folder, 'backup'));
  const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 'ns' });
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    const server = createServer(createWriteHandler(`http://127.0.0.1:${port}`, sink, { instance: 'influxdb-0' }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stallMs = await longestStall(child, (server.address() as AddressInfo).port);
    report({ bench, case: 'loop-stall-ms', unit: 'ms', ours: stallMs });
    server.closeAllConnections();
    server.close();
  } finally {
    child.kill();
    await sink.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Resolves with the longest time between two turns of the event loop until the client has sent everything. */
function longestStall(child: ChildProcess, port: number): Promise<number> {
  return new Promise((resolve) => {
    let longestMs = 0;
    let lastMs = performance.now();
    let timer: NodeJS.Immediate;
    const turn = () => {
      const nowMs = performance.now();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
      timer = setImmediate(turn);
    };
    timer = setImmediate(turn);
    let worstMs = 0;
    child.on('message', (message: { kind?: string; done?: string; end?: boolean }) => {
      if (message.kind !== undefined) longestMs = 0;
      if (message.done !== undefined) {
        worstMs = Math.max(worstMs, longestMs);
        process.stderr.write(`  ${message.done}: ${longestMs.toFixed(1)} ms\n`);
      }
      if (message.end !== true) return;
      clearImmediate(timer);
      resolve(worstMs);
    });
    child.send(port);
  });
}

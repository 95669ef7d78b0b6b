import { setTimeout as delay } from 'node:timers/promises';
import { type Influxd, query, startInfluxd, telegrafLines, writeRaw } from '@ceres/testkit';
import { cpuSecondsOf } from './processes';

/** A server with the data of the published figures. */
export interface FilledServer {
  readonly influxd: Influxd;
  readonly databases: readonly string[];
  readonly lines: number;
  /** The CPU time that the server has used so far. */
  cpuSeconds(): number;
  /** Waits until the server does nothing more by itself. */
  settle(): Promise<void>;
}

const DATABASES = 10;
const BODY_LINES = 10_000;

/** Starts a server and writes Telegraf-like lines into ten databases. */
export async function fill(lines: number, series: number): Promise<FilledServer> {
  const influxd = await startInfluxd();
  const databases = Array.from({ length: DATABASES }, (_, i) => `db_${i}`);
  for (const [d, database] of databases.entries()) {
    await query(influxd.url, '', `CREATE DATABASE ${database}`);
    let body = '';
    let count = 0;
    for (const line of telegrafLines({ lines: lines / DATABASES, series: series / DATABASES, seed: d + 1 })) {
      body += line;
      count += 1;
      if (count % BODY_LINES !== 0 && count < lines / DATABASES) continue;
      await write(influxd, database, body);
      body = '';
    }
  }
  const cpuSeconds = () => cpuSecondsOf(influxd.pid);
  const settle = async () => {
    for (let before = cpuSeconds(), quiet = 0; quiet < 2; ) {
      await delay(500);
      const now = cpuSeconds();
      quiet = now - before < 0.03 ? quiet + 1 : 0;
      before = now;
    }
  };
  return { influxd, databases, lines, cpuSeconds, settle };
}

/** Writes lines, again if a busy server answers that it took too long. */
async function write({ url }: Influxd, database: string, body: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { status, body: answer } = await writeRaw(url, database, body, { precision: 's' });
    if (status === 204) return;
    if (status !== 500 || attempt === 10) throw new Error(`InfluxDB answered ${status}: ${answer}`);
  }
}

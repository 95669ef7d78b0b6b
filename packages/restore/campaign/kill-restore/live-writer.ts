import { setTimeout as delay } from 'node:timers/promises';
import { type Influxd, query, writeRaw } from '@ceres/testkit';
import type { Content } from './overwrites';

/** Writes points of a backup with other values while it is restored, one write after another, and notes what was acknowledged. */
export class LiveWriter {
  readonly #influxd: Influxd;
  readonly #database: string;
  readonly #names: readonly string[];
  readonly #random: () => number;
  /** The values that a point may have: the last one that was acknowledged, and later ones of which no one knows. */
  readonly #values = new Map<string, number[]>();
  #number = 0;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(influxd: Influxd, database: string, expected: Content, random: () => number) {
    this.#influxd = influxd;
    this.#database = database;
    this.#names = [...expected].map((line) => line.replace(/=.*/, ''));
    this.#random = random;
  }

  /** Creates the database, and resolves once it holds a point. */
  static async start(influxd: Influxd, database: string, expected: Content, random: () => number): Promise<LiveWriter> {
    const policy = 'DURATION INF REPLICATION 1 SHARD DURATION 1h NAME "rp"';
    await query(influxd.url, '', `CREATE DATABASE ${database} WITH ${policy}`);
    const writer = new LiveWriter(influxd, database, expected, random);
    while (writer.acked === 0) await writer.#write();
    writer.#running = writer.#run();
    return writer;
  }

  /** The number of points with an acknowledged value. */
  get acked(): number {
    return this.#values.size;
  }

  /** Stops writing, and describes the points whose value was lost or replaced. */
  async stop(): Promise<(expected: Content, found: Content) => string[]> {
    this.#isStopped = true;
    await this.#running;
    return (expected, found) => this.#losses(expected, found);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#write();
      await delay(this.#random() * 10);
    }
  }

  async #write(): Promise<void> {
    const name = this.#names[Math.floor(this.#random() * this.#names.length)] ?? '';
    const [host, time, field] = name.split(' ');
    this.#number -= 1;
    const value = this.#number;
    const line = `m,host=${host},zone=z ${field}=${value}i ${time}`;
    const to = { rp: 'rp', precision: 'ns' };
    const { status } = await writeRaw(this.#influxd.url, this.#database, line, to).catch(() => ({ status: 0 }));
    if (status === 204) this.#values.set(name, [value]);
    else this.#values.get(name)?.push(value);
    // What was never acknowledged may be there or not.
    if (status !== 204 && !this.#values.has(name)) this.#values.set(name, [value, Number.NaN]);
  }

  #losses(expected: Content, found: Content): string[] {
    const backup = new Map([...expected].map((line) => line.split('=') as [string, string]));
    const server = new Map([...found].map((line) => line.split('=') as [string, string]));
    const losses: string[] = [];
    for (const [name, value] of backup) {
      const live = this.#values.get(name);
      const isGood =
        live === undefined || live.some(Number.isNaN)
          ? server.get(name) === value || live?.includes(Number(server.get(name))) === true
          : live.includes(Number(server.get(name)));
      if (!isGood) losses.push(`${name}: ${server.get(name)} for ${live?.join(' or ') ?? value}`);
    }
    return losses.slice(0, 5);
  }
}

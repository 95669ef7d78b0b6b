import type { WriteOutcome } from '@ceres/influx-http';
import { describe, expect, it } from 'vitest';
import { BodyRecords } from '../../src/replay/deliver/body-records';
import { Isolation } from '../../src/replay/deliver/isolation';
import type { Decision } from '../../src/replay/deliver/poster';
import type { WriteAddress } from '../../src/replay/route/body';

const to = { database: 'db', retentionPolicy: 'rp', precision: 's', shardDurationMs: Infinity } as const;

/** Isolates the bad records on a server that refuses records by number, and counts its requests. */
function isolate(count: number, bad: ReadonlySet<number>, answer: (bad: number) => Decision) {
  const lines = Array.from({ length: count }, (_, n) => `m,t=${n} v=${n} ${n}\n`).join('');
  const records = new BodyRecords({ to, bytes: Buffer.from(lines), records: count, parts: [] });
  const stored: number[] = [];
  let requests = 0;
  const post = async (numbers: readonly number[]): Promise<Decision> => {
    requests += 1;
    const refused = numbers.filter((n) => bad.has(n)).length;
    if (refused > 0) return answer(refused);
    stored.push(...numbers);
    return { kind: 'stored' };
  };
  const isolation = new Isolation({ records, to, post });
  return isolation.run(answer(bad.size)).then(({ rejected, expired }) => ({ rejected, expired, stored, requests }));
}

const limit = (dropped: number): WriteOutcome & { kind: 'partly' } => ({
  kind: 'partly',
  code: 'LIMIT',
  dropped,
  message: 'max-series-per-database limit exceeded',
});

describe('Isolation', () => {
  it('finds one bad record among 5,000 in 30 requests', async () => {
    const { rejected, stored, requests } = await isolate(5_000, new Set([4_321]), limit);
    expect([...rejected]).toEqual([[4_321, 'LIMIT']]);
    expect(new Set(stored).size).toBe(4_999);
    expect(requests).toBeLessThanOrEqual(30);
  });

  it('rejects all records at once if all are bad', async () => {
    const all = new Set(Array.from({ length: 100 }, (_, n) => n));
    const conflict = (dropped: number): Decision => ({ kind: 'partly', code: 'TYPE_CONFLICT', dropped, message: '' });
    const { rejected, requests } = await isolate(100, all, conflict);
    expect([rejected.size, requests]).toEqual([100, 0]);
  });

  it('tries single new series before it treats the database as full', async () => {
    const all = new Set(Array.from({ length: 1_024 }, (_, n) => n));
    const { rejected, requests } = await isolate(1_024, all, limit);
    expect([rejected.size, requests]).toEqual([1_024, 20]);
  });

  it('bounds its requests, and rejects the rest rather than lose a record', async () => {
    const every3rd = new Set(Array.from({ length: 1_000 }, (_, n) => n * 3));
    const { rejected, stored, requests } = await isolate(3_000, every3rd, limit);
    expect(requests).toBeLessThan(1_100);
    const settled = new Set([...rejected.keys(), ...stored]);
    expect(settled.size).toBe(3_000);
    for (const n of every3rd) expect(rejected.has(n)).toBe(true);
    expect([...rejected.values()]).toContain('NOT_ISOLATED');
  });

  it('sends the remaining records last and in order, so that the last write of a point stays the last', async () => {
    const { stored } = await isolate(8, new Set([2]), limit);
    expect(stored.slice(-7)).toEqual([0, 1, 3, 4, 5, 6, 7]);
  });

  it('counts the oldest records as expired if the server does, and continues until the rest is known to be stored', async () => {
    const expired = (dropped: number): Decision => ({ kind: 'partly', code: 'EXPIRED', dropped, message: '' });
    const { expired: found, stored } = await isolate(10, new Set([0, 1, 2]), expired);
    expect([...found].sort()).toEqual([0, 1, 2]);
    expect(stored).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  it('needs no request for each field when a thousand new fields have two types, although 1.8 takes one field a round', async () => {
    const fields = Array.from({ length: 1_000 }, (_, i) => i);
    const lines = fields.flatMap((i) => [`m f${i}=${i} ${i}`, `m f${i}=${i}i ${i + 1_000}`]);
    const server = new Server1_8();
    const { rejected, typeConflicts } = await isolateOn(server, lines);
    expect([...rejected.keys()].sort((a, b) => a - b)).toEqual(fields.map((i) => 2 * i + 1));
    expect(new Set(rejected.values())).toEqual(new Set(['TYPE_CONFLICT']));
    expect(typeConflicts).not.toHaveLength(0);
    expect(server.stored.size).toBe(1_000);
    expect(server.requests).toBeLessThanOrEqual(5);
  });

  it('finds them also where the shards of the policy were longer once, so that records of several shards are in one', async () => {
    const fields = Array.from({ length: 40 }, (_, i) => i);
    const lines = fields.flatMap((i) => [`m f${i}=${i} ${i}`, `m f${i}=${i}i ${i + 7_200}`]);
    const server = new Server1_8();
    const { rejected } = await isolateOn(server, lines, { ...to, shardDurationMs: 3_600_000 });
    expect([...rejected.keys()].sort((a, b) => a - b)).toEqual(fields.map((i) => 2 * i + 1));
    expect(new Set(rejected.values())).toEqual(new Set(['TYPE_CONFLICT']));
    expect(server.stored.size).toBe(40);
  });

  it('finds forty fields that the server holds with another type, of which it names one an answer', async () => {
    const server = new Server1_8();
    const fields = Array.from({ length: 40 }, (_, i) => i);
    for (const i of fields) server.types.set(`f${i}`, 'string');
    const lines = fields.flatMap((i) => [`m f${i}=1,v=1 ${i}`, `m v=2 ${i + 100}`]);
    const { rejected } = await isolateOn(server, lines);
    expect(rejected.size).toBe(40);
    expect(server.stored.size).toBe(40);
  });

  it('finds a record that does not parse behind an answer about a field `time`, and takes the other records as stored', async () => {
    const lines = ['m time=1,v=1 1', 'm v=2 2', 'hidden v=3 3', 'm v=4,time=4 4'];
    const records = recordsOf(lines);
    const stripped: Decision = { kind: 'partly', code: 'TIME_STRIPPED', dropped: 0, message: '' };
    const unparseable: Decision = { kind: 'partly', code: 'UNPARSEABLE', dropped: 0, message: '' };
    const stored = new Set<number>();
    const post = async (numbers: readonly number[]): Promise<Decision> => {
      for (const n of numbers) if (n !== 2) stored.add(n);
      if (numbers.some((n) => lines[n]?.includes('time='))) return stripped;
      return numbers.includes(2) ? unparseable : { kind: 'stored' };
    };
    const { rejected } = await new Isolation({ records, to, post }).run(stripped);
    expect([...rejected]).toEqual([[2, 'UNPARSEABLE']]);
    expect([...stored].sort()).toEqual([0, 1, 3]);
  });

  it('rejects the records outside a write window, whichever end they are at', async () => {
    const outside = (dropped: number): Decision => ({ kind: 'partly', code: 'WRITE_WINDOW', dropped, message: '' });
    const { rejected, stored } = await isolate(10, new Set([0, 9]), outside);
    expect([...rejected]).toEqual([
      [0, 'WRITE_WINDOW'],
      [9, 'WRITE_WINDOW'],
    ]);
    expect(new Set(stored).size).toBe(8);
  });
});

function recordsOf(lines: readonly string[]): BodyRecords {
  const text = lines.map((line) => `${line}\n`).join('');
  return new BodyRecords({ to, bytes: Buffer.from(text), records: lines.length, parts: [] });
}

async function isolateOn(server: Server1_8, lines: readonly string[], address: WriteAddress = to) {
  const post = async (numbers: readonly number[]) => server.write(numbers.map((n) => lines[n] ?? ''));
  return await new Isolation({ records: recordsOf(lines), to: address, post }).run(server.write(lines));
}

/** Takes field types as InfluxDB 1.8 to 1.11: of new fields with two types in one batch it takes one, and stores nothing. */
class Server1_8 {
  readonly types = new Map<string, string>();
  readonly stored = new Set<string>();
  requests = 0;

  write(lines: readonly string[]): Decision {
    this.requests += 1;
    const good = lines.filter((line) =>
      fieldsOf(line).every(([name, type]) => (this.types.get(name) ?? type) === type),
    );
    for (const [name, type] of good.flatMap(fieldsOf)) {
      if ((this.types.get(name) ?? type) !== type) {
        return { kind: 'refused', code: 'MIXED_TYPES', message: 'field type conflict', ambiguous: true };
      }
      this.types.set(name, type);
    }
    for (const line of good) this.stored.add(line);
    const bad = lines.find((line) => !good.includes(line));
    if (bad === undefined) return { kind: 'stored' };
    const [name, type] = fieldsOf(bad).find((field) => this.types.get(field[0]) !== field[1]) ?? [];
    const conflict = `input field "${name}" on measurement "m" is type ${type}, already exists as type ${this.types.get(name ?? '')}`;
    const dropped = lines.length - good.length;
    const message = `partial write: field type conflict: ${conflict} dropped=${dropped}`;
    return { kind: 'partly', code: 'TYPE_CONFLICT', dropped, message };
  }
}

function fieldsOf(line: string): [name: string, type: string][] {
  return (line.split(' ')[1] ?? '').split(',').map((field) => {
    const [name = '', value = ''] = field.split('=');
    return [name, value.endsWith('i') ? 'integer' : 'float'];
  });
}

import { readFile, rename } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { heal, verify, type WatchEvent } from '@ceres/restore';
import { influxdAvailable, query, startWriteProxy } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { instance } from '../support/heal-ground';
import { ceres } from '../support/in-process';
import { watchGround as ground, hourMs, kindsOf } from '../support/watch-ground';

describe.skipIf(!(await influxdAvailable()))('watch', () => {
  it('compares everything in its first run, writes nothing to the server, and later what has its turn, once in each period', async () => {
    const { server, runAfter } = await ground();
    const proxy = await startWriteProxy(server.url);
    onTestFinished(() => proxy.close());
    const to = { url: proxy.url };
    expect(await runAfter(0, { to })).toMatchObject({ outcome: 'GOOD', points: 100, alarms: [], unjudged: [] });
    expect(await runAfter(1_000, { to })).toMatchObject({ outcome: 'GOOD', points: 0 });
    let points = 0;
    for (let hour = 0; hour < 6; hour += 1) points += (await runAfter(hourMs, { to })).points;
    expect(points).toBeGreaterThanOrEqual(100);
    expect(points).toBeLessThanOrEqual(200);
    expect(proxy.lines).toEqual([]);
  });

  it('names values that are different, missing or extra, each with an example, and again in each run until they are healed', async () => {
    const { past, remove, at, options, runAfter } = await ground();
    expect(await runAfter(0)).toMatchObject({ outcome: 'GOOD' });
    await past(`m,t=a v=-1 ${at(7)}\nm,t=stray v=1 ${at(9)}`);
    await remove(8);
    const events: WatchEvent[] = [];
    const found = await runAfter(6 * hourMs, { onEvent: (event) => events.push(event) });
    expect(found).toMatchObject({ outcome: 'FOUND', unjudged: [] });
    expect(kindsOf(found)).toEqual(['different', 'extra', 'missing']);
    const different = found.alarms.find(({ kind }) => kind === 'different');
    expect(different).toMatchObject({
      instance,
      database: 'db',
      retentionPolicy: 'autogen',
      measurement: 'm',
      values: 1,
      fromNs: BigInt(at(7)) * 1_000_000_000n,
      examples: [{ tags: { t: 'a' }, field: 'v', inBackup: 7, inDatabase: -1 }],
    });
    expect(different?.reason).toMatch(/^1 value different in the database: db\.autogen m, at 2023-11-14T22:20:20/);
    expect(events.map(({ event }) => event)).toEqual(['began', 'compared', 'alarm', 'alarm', 'alarm', 'ended']);
    const again = await runAfter(1_000);
    expect(kindsOf(again)).toEqual(['different', 'extra', 'missing']);
    expect(again.points).toBeLessThan(100);
    await heal(options);
    expect(kindsOf(await runAfter(1_000))).toEqual(['extra']);
    expect(kindsOf(await runAfter(1_000, { accept: again.alarms.map(({ name }) => name) }))).toEqual([]);
  });

  it('finds within one period what was damaged in the past', async () => {
    const { past, at, runAfter } = await ground();
    await runAfter(0);
    await past(`m,t=a v=-1 ${at(50)}`);
    const outcomes: string[] = [];
    for (let run = 0; run < 6; run += 1) outcomes.push((await runAfter(hourMs)).outcome);
    expect(outcomes).toContain('FOUND');
    expect(outcomes.at(-1)).toBe('FOUND');
  });

  it('compares what is in new files in the next run, long before its turn', async () => {
    const { sink, write, past, at, runAfter } = await ground({ goesOn: true });
    await sink.flush();
    await runAfter(1_000);
    await write(200, 200);
    await sink.close();
    await past(`m,t=a v=-1 ${at(200)}`);
    expect(kindsOf(await runAfter(1_000, { periodMs: 1_000 * hourMs }))).toEqual(['different']);
  });

  it('raises no alarm for a newer value that is still in a spool, and looks at it again once it is stored', async () => {
    const { sink, write, runAfter } = await ground({ goesOn: true });
    await write(7, 1_007);
    const found = await runAfter(1_000);
    expect(found).toMatchObject({ outcome: 'UNJUDGED', alarms: [] });
    expect(found.unjudged).toMatchObject([{ values: 1 }]);
    expect(found.unjudged[0]?.reason).toMatch(/^1 value differs, and may be on its way.*late or silent/);
    await sink.flush();
    await sink.close();
    expect(await runAfter(1_000)).toMatchObject({ outcome: 'GOOD', alarms: [], unjudged: [] });
  });

  it('waits for a server that is away, then says that it could not judge, and makes up for it in the next run', async () => {
    const { server, past, at, runAfter } = await ground();
    await runAfter(0);
    await past(`m,t=a v=-1 ${at(7)}`);
    await server.stop();
    const away = await runAfter(5 * hourMs, { patienceMs: 1_500 });
    expect(away).toMatchObject({ outcome: 'UNJUDGED', alarms: [] });
    expect(away.unjudged[0]?.reason).toMatch(/SERVER|does not answer|ECONNREFUSED/);
    const dead = await runAfter(2 * hourMs, { patienceMs: 0 });
    expect(kindsOf(dead)).toEqual(['overdue']);
  });

  it('says which databases were compared since when', async () => {
    const { runAfter, clock } = await ground();
    const { coverage, startedMs } = await runAfter(0);
    expect(coverage).toMatchObject([{ database: 'db', comparedSinceMs: startedMs }]);
    expect(startedMs).toBeLessThanOrEqual(clock.now());
    const later = await runAfter(hourMs);
    expect(later.coverage[0]?.comparedSinceMs).toBe(startedMs);
  });

  it('reads the files of the database through the snapshot service, and gives the same answer', async () => {
    const { past, at, snapshot, runAfter } = await ground();
    expect(await runAfter(0, { snapshot })).toMatchObject({ outcome: 'GOOD', points: 100 });
    await past(`m,t=a v=-1 ${at(7)}`);
    expect(kindsOf(await runAfter(6 * hourMs, { snapshot }))).toEqual(['different']);
  });

  it('says once that no ledger vouches for the files, and compares all the same once that is accepted', async () => {
    const { past, at, runAfter } = await ground({ ledger: false });
    const { alarms } = await runAfter(0);
    expect(alarms.map(({ name }) => name)).toEqual([`no-ledger/${instance}`]);
    await past(`m,t=a v=-1 ${at(7)}`);
    const accept = [`no-ledger/${instance}`];
    expect(kindsOf(await runAfter(6 * hourMs, { accept }))).toEqual(['different']);
  });

  it('alarms about a database that was dropped, and says verify what it says', async () => {
    const { server, storage, runAfter } = await ground();
    await runAfter(0);
    await query(server.url, '', 'DROP DATABASE db');
    const found = await runAfter(6 * hourMs);
    expect(kindsOf(found)).toEqual(['missing']);
    expect(found.alarms[0]).toMatchObject({ database: 'db', values: 200 });
    const verdict = await verify({ storage, instance, to: { url: server.url }, level: 'content' });
    expect(verdict.outcome).toBe('NOT EQUAL');
  });
});

describe.skipIf(!(await influxdAvailable()))('ceres watch', () => {
  it('ends with 0, 4 and 5, prints NDJSON, and writes metrics', async () => {
    const { bucket, server, past, at, stateFile } = await ground();
    const metrics = `${stateFile}.prom`;
    const words = ['watch', bucket, '--instance', instance, '--to', server.url, '--state-file', stateFile];
    const command = [...words, '--period', '1s', '--wait', '0s', '--patience', '1s', '--metrics', metrics];
    const good = await ceres(command);
    expect([good.exitCode, good.stdout]).toEqual([0, expect.stringMatching(/^influxdb-0: GOOD {2}\(100 points/)]);
    await past(`m,t=a v=-1 ${at(7)}`);
    await setTimeout(1_000);
    const found = await ceres([...command, '--json']);
    expect(found.exitCode).toBe(4);
    const events = found.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as WatchEvent);
    expect(events.map(({ event }) => event)).toEqual(['began', 'compared', 'alarm', 'ended']);
    expect(await readFile(metrics, 'utf8')).toContain('kind="different"} 1');
    const shown = await ceres(command);
    expect(shown.stdout).toMatch(/- different: 1 value different in the database: db\.autogen m, at 2023/);
    expect(shown.stdout).toMatch(/in the backup 7, in the database -1/);
    await server.stop();
    const away = await ceres(command);
    expect(await readFile(metrics, 'utf8')).toContain('ceres_watch_up{instance="influxdb-0"} 0');
    expect([4, 5]).toContain(away.exitCode); // 4 once the period of a second is over
    const other = await ceres([...words, '--period', '1h', '--wait', '0s', '--patience', '1s']);
    expect(other.exitCode).toBe(5);
  });

  it('goes on with --every until it is ended, and survives a bucket that is away for a while', async () => {
    const { bucket, server, stateFile } = await ground();
    const words = ['watch', bucket, '--instance', instance, '--to', server.url, '--state-file', stateFile];
    const ending = new AbortController();
    let text = '';
    const going = ceres([...words, '--every', '100ms', '--json'], ending.signal, {
      onOutput: (more) => {
        text += more;
      },
    });
    const runs = () => text.split('"event":"ended"').length - 1;
    await vi.waitFor(() => expect(runs()).toBeGreaterThan(1), 60_000);
    await rename(bucket, `${bucket}.away`);
    await vi.waitFor(() => expect(text).toMatch(/ceres: .*\(/), 60_000);
    await rename(`${bucket}.away`, bucket);
    const before = runs();
    await vi.waitFor(() => expect(runs()).toBeGreaterThan(before + 1), 60_000);
    ending.abort(new Error('SIGTERM'));
    expect((await going).exitCode).toBe(143);
  });
});

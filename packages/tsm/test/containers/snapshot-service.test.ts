import { getEventListeners } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodeFileSystem } from '@ceres/internal';
import { afterEach, describe, expect, it } from 'vitest';
import { isLoopback, parseSnapshotUrl } from '../../src/containers/snapshot/address';
import { openSnapshotService } from '../../src/containers/snapshot/open-snapshot-service';
import { SnapshotService } from '../../src/containers/snapshot/snapshot-service';
import { TsmError } from '../../src/errors';
import { bytesSource } from '../../src/files/byte-source';
import { columnOf } from '../columns';
import { tsmBytes } from '../files/memory-file';
import { collect, temporaryFolders } from '../fixtures/unpack';
import { fakeService } from './fake-service';
import { tarEnd, tarFile } from './tar-bytes';

const folder = temporaryFolders();
const shard = { database: 'db', retentionPolicy: 'rp', id: 7 };
const name = 'db/rp/7/000000001-000000001.tsm';
const code = (expected: string) => expect.objectContaining({ code: expected });
const tsm = await tsmBytes([
  [
    'm',
    'f',
    columnOf('float', [
      [1n, 1],
      [2n, 2.5],
    ]),
  ],
]);
/** What was in the cache. */
const more = await tsmBytes([['m', 'f', columnOf('float', [[3n, 3.5]])]]);
const tar = Buffer.concat([tarFile(name, tsm), tarEnd]);
const quick = { connectTimeoutMs: 5_000, idleTimeoutMs: 100, timeoutMs: 100 };

/** An answer of metadata: `length` is what it claims. */
function metaAnswer(meta: Uint8Array, length = meta.length): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0x59, 0x59, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(BigInt(length), 8);
  return Buffer.concat([head, meta]);
}

async function points(service: SnapshotService): Promise<number> {
  const opened = await service.openShard(shard);
  try {
    let count = 0;
    for await (const { column } of opened.columns()) count += column.length;
    return count;
  } finally {
    await opened.close();
  }
}

describe('the address of a snapshot service', () => {
  it('is a host and a port, of which 8088 can be left out', () => {
    expect(parseSnapshotUrl('tcp://127.0.0.1')).toEqual({ host: '127.0.0.1', port: 8088 });
    expect(parseSnapshotUrl('tcp://[::1]:9000')).toEqual({ host: '::1', port: 9000 });
    for (const url of [
      'http://127.0.0.1:8088',
      '127.0.0.1:8088',
      'tcp://',
      'tcp://a:b@c',
      'tcp://a/b',
      'tcp://a?x',
      '',
    ]) {
      expect(() => new SnapshotService(url), url).toThrow(code('INVALID_OPTIONS'));
    }
  });

  it('is of this machine only if it says so itself', () => {
    const local = ['tcp://127.0.0.1', 'tcp://127.1.2.3:1', 'tcp://localhost', 'tcp://[::1]'];
    for (const url of local) expect(isLoopback(parseSnapshotUrl(url)), url).toBe(true);
    for (const url of ['tcp://10.0.0.1', 'tcp://127.example.com', 'tcp://influx', 'tcp://[::]', 'tcp://0.0.0.0']) {
      expect(isLoopback(parseSnapshotUrl(url)), url).toBe(false);
    }
  });
});

describe('a snapshot service that does not do what it should', () => {
  const servers: { close(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('is reported if nothing listens there, or if it is silent', async () => {
    const url = await fakeService(() => undefined);
    const silent = new SnapshotService(url, quick);
    await expect(silent.meta()).rejects.toThrow(code('UNREACHABLE'));
    await expect(silent.openShard(shard)).rejects.toThrow(/it sends nothing for 0\.1 s/);
    await expect(silent.addDatabase('db', new Uint8Array(9))).rejects.toThrow(code('UNREACHABLE'));
    await expect(silent.uploadShard(shard, [])).rejects.toThrow(/it sends nothing for 0\.1 s/);
    // A server that takes nothing: what fits into the buffers of the kernel is sent.
    const large = [{ name: '000000000-000001000.tsm', source: bytesSource('large', new Uint8Array(64 * 1024 * 1024)) }];
    await expect(silent.uploadShard(shard, large)).rejects.toThrow(/it takes no more bytes for 0\.1 s/);
    await expect(new SnapshotService('tcp://127.0.0.1:1', quick).meta()).rejects.toThrow(/ECONNREFUSED.*bind-address/s);
  });

  it('is reported if it stalls in the middle of a shard, and nothing stays in the scratch folder', async () => {
    const scratchDir = await folder();
    const url = await fakeService((socket) => socket.write(tar.subarray(0, 700)));
    const service = new SnapshotService(url, { ...quick, scratchDir, memoryBytesMax: 0 });
    await expect(service.openShard(shard)).rejects.toThrow(code('UNREACHABLE'));
    expect(await readdir(scratchDir)).toEqual([]);
  });

  it('is reported if it is another server', async () => {
    const http = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    servers.push(http);
    await new Promise((resolve) => http.once('listening', resolve));
    const url = `tcp://127.0.0.1:${(http.address() as AddressInfo).port}`;
    await expect(new SnapshotService(url).meta()).rejects.toThrow(/is not the snapshot service.*HTTP\/1\.1 400/s);
    // Its answer is shorter than the header of a file.
    await expect(new SnapshotService(url).openShard(shard)).rejects.toThrow(code('INCOMPLETE'));
    const closing = new SnapshotService(await fakeService((socket) => socket.end()));
    await expect(closing.meta()).rejects.toThrow(/closed the connection without an answer/);
    const garbage = new SnapshotService(await fakeService((socket) => socket.end(Buffer.alloc(5_000, 0xa5))));
    await expect(garbage.meta()).rejects.toThrow(code('FOREIGN_SERVICE'));
    await expect(garbage.openShard(shard)).rejects.toThrow(code('DAMAGED'));
    await expect(garbage.addDatabase('db', new Uint8Array(1))).rejects.toThrow(code('FOREIGN_SERVICE'));
  });

  it('is never believed to hold less than it does: metadata cut at any byte, and a shard at every 97th, is noticed', async () => {
    const scratchDir = await folder();
    const meta = metaAnswer(Buffer.from([0x40, 9, 0x48, 8]));
    for (let at = 0; at < meta.length; at += 1) {
      const service = new SnapshotService(await fakeService((socket) => socket.end(meta.subarray(0, at))));
      await expect(service.meta(), `cut at ${at}`).rejects.toThrow(code(at === 0 ? 'FOREIGN_SERVICE' : 'INCOMPLETE'));
    }
    let cutAt = 0;
    const url = await fakeService((socket) => socket.end(tar.subarray(0, cutAt)));
    for (const memoryBytesMax of [0, 1_000_000]) {
      const service = new SnapshotService(url, { scratchDir, memoryBytesMax, busyAttemptsMax: 1 });
      for (cutAt = 0; cutAt < tar.length; cutAt += 97) {
        const expected = cutAt === 0 ? 'BUSY' : 'INCOMPLETE';
        await expect(service.openShard(shard), `cut at ${cutAt}`).rejects.toThrow(code(expected));
        expect(await readdir(scratchDir)).toEqual([]);
      }
    }
  });

  it('cannot make us take what has no end, or a name that leads elsewhere', async () => {
    const huge = new SnapshotService(
      await fakeService((socket) => socket.write(metaAnswer(new Uint8Array(9), 2 ** 40))),
    );
    await expect(huge.meta()).rejects.toThrow(/claims to send 1099511627776 bytes/);
    await expect(huge.addDatabase('db', new Uint8Array(1))).rejects.toThrow(/claims to send 1099511627776 numbers/);
    const archives = {
      UNSAFE_NAME: tarFile('db/rp/7/../../../000000001-000000001.tsm', tsm),
      DAMAGED: tarFile('db/rp/8/000000001-000000001.tsm', tsm),
      SCRATCH_FULL: tarFile(name, Buffer.alloc(2_000)),
    };
    for (const [expected, first] of Object.entries(archives)) {
      const url = await fakeService((socket) => socket.end(Buffer.concat([first, tarEnd])));
      await expect(new SnapshotService(url, { memoryBytesMax: 1_999 }).openShard(shard)).rejects.toThrow(
        code(expected),
      );
    }
  });
});

describe('a snapshot service', () => {
  it('is asked again while another snapshot of the shard is being taken, and then reported', async () => {
    let asked = 0;
    const url = await fakeService((socket) => {
      asked += 1;
      socket.end(asked % 3 === 0 ? tar : Buffer.alloc(0));
    });
    expect(await points(new SnapshotService(url, { busyAttemptsMax: 3 }))).toBe(2);
    expect(asked).toBe(3);
    await expect(points(new SnapshotService(url, { busyAttemptsMax: 2 }))).rejects.toThrow(
      /gave nothing of shard 7 in 2 attempts/,
    );
  });

  it('is asked again if it answers as slowly as one that leaves the cache out, and the shard says so if it always does', async () => {
    const whole = Buffer.concat([tarFile(name, tsm), tarFile(name.replace('01.tsm', '02.tsm'), more), tarEnd]);
    let asked = 0;
    let slowOnes = 2;
    const url = await fakeService((socket) => {
      asked += 1;
      if (asked > slowOnes) socket.end(whole);
      else setTimeout(() => socket.end(tar), 60);
    });
    const service = new SnapshotService(url, { slowAnswerMs: 50 });
    const opened = await service.openShard(shard);
    expect([asked, opened.mayLackCache]).toEqual([3, undefined]);
    await opened.close();
    asked = 0;
    expect(await points(service)).toBe(3);
    asked = 0;
    slowOnes = 100;
    const doubtful = await service.openShard(shard);
    expect([asked, doubtful.mayLackCache]).toEqual([4, true]);
    let columns = 0;
    for await (const _ of doubtful.columns()) columns += 1;
    expect(columns).toBe(1);
    await doubtful.close();
    asked = 0;
    expect(await service.fileNames(shard)).toEqual(['000000001-000000001.tsm']);
  });

  it('is asked for files from a second before the given time on', async () => {
    const requests: string[] = [];
    const url = await fakeService((socket, request) => {
      requests.push(request.toString('latin1'));
      socket.end(tar);
    });
    const service = new SnapshotService(url);
    for (const request of [{}, { since: new Date('2026-01-01T00:00:01.500Z') }]) {
      await (await service.openShard(shard, request)).close();
    }
    expect(requests).toEqual([
      '\0{"Type":0,"ShardID":7}\n',
      '\0{"Type":0,"ShardID":7,"Since":"2026-01-01T00:00:00.500Z"}\n',
    ]);
  });

  it('leaves no timer and no listener behind once it has answered', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const { signal } = new AbortController();
    const url = await fakeService((socket) => void socket.end(tar));
    const before = timers();
    const service = new SnapshotService(url, { signal });
    await (await service.openShard(shard)).close();
    expect(timers()).toBeLessThanOrEqual(before); // one of others may have ended
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('is left at once when the signal aborts, during any wait', async () => {
    for (const reply of ['silence', 'nothing', 'half'] as const) {
      const controller = new AbortController();
      const url = await fakeService((socket) => {
        if (reply === 'nothing') socket.end();
        if (reply === 'half') socket.write(tar.subarray(0, 600));
        setImmediate(() => controller.abort(new Error('enough')));
      });
      const service = new SnapshotService(url, { signal: controller.signal });
      await expect(service.openShard(shard), reply).rejects.toThrow('enough');
      await expect(service.meta()).rejects.toThrow('enough');
    }
  });

  it('is not asked for a shard without the scratch space for it, which the message names', async () => {
    let asked = 0;
    const url = await fakeService((socket) => {
      asked += 1;
      socket.end(metaAnswer(new Uint8Array(0)));
    });
    const scratchDir = await folder();
    const fs = { ...nodeFileSystem, statfs: async () => ({ type: 1, bavail: 10, bsize: 4_096 }) };
    const service = new SnapshotService(url, { scratchDir, fs });
    await expect(service.openShard(shard, { sizeBytes: 10 ** 9 })).rejects.toThrow(
      /Shard 7 of .* needs 1000000000 bytes of scratch space, and .* has 40960 free/,
    );
    await expect(new SnapshotService(url).openShard(shard, { sizeBytes: 10 ** 9 })).rejects.toThrow(
      code('SCRATCH_FULL'),
    );
    expect(asked).toBe(0);
    await expect(openSnapshotService(url, { signal: new AbortController().signal })).resolves.toMatchObject({
      shards: [],
    });
  });

  it('is never sent an archive with names that lead elsewhere, or options that do not exist', async () => {
    const url = await fakeService(() => expect.fail('It was asked.'));
    const service = new SnapshotService(url);
    const source = bytesSource('x', tsm);
    await expect(service.uploadShard(shard, [{ name: '../x.tsm', source }])).rejects.toThrow(code('UNSAFE_NAME'));
    const deletedFrom = { name: '000000000-000001000.tsm', source, tombstones: source };
    await expect(service.uploadShard(shard, [deletedFrom])).rejects.toThrow(code('HAS_TOMBSTONES'));
    await expect(service.uploadShard({ ...shard, id: 0 }, [])).rejects.toThrow(code('INVALID_OPTIONS'));
    await expect(service.openShard(shard, { from: 1n } as object)).rejects.toThrow(code('INVALID_OPTIONS'));
    expect(() => new SnapshotService(url, { idleTimeoutMs: 0 })).toThrow(code('INVALID_OPTIONS'));
    expect(() => new SnapshotService(url, { timeout: 1 } as object)).toThrow(code('INVALID_OPTIONS'));
  });

  it('is sent the files of a shard as one whole archive', async () => {
    const taken: Buffer[] = [];
    const url = await fakeService((socket, request) => {
      taken.push(request);
      socket.on('data', (bytes) => taken.push(bytes)).on('end', () => socket.end());
    });
    await new SnapshotService(url).uploadShard(shard, [
      { name: '000000001-000000001.tsm', source: bytesSource('x', tsm) },
    ]);
    const sent = Buffer.concat(
      await collect(
        (async function* () {
          yield* taken;
        })(),
      ),
    );
    expect(sent.subarray(0, 9)).toEqual(Buffer.from([7, 0, 0, 0, 0, 0, 0, 0, 7]));
    expect(sent.subarray(9).length).toBe(tar.length);
  });

  it('is left at once if a file cannot be read or the signal aborts in the middle of an upload, since the writers of its shard wait', async () => {
    for (const trouble of ['unreadable', 'aborted'] as const) {
      const controller = new AbortController();
      let begun: () => void = () => undefined;
      let gone: () => void = () => undefined;
      const isBegun = new Promise<void>((resolve) => (begun = resolve));
      const isGone = new Promise<void>((resolve) => (gone = resolve));
      const url = await fakeService((socket) => {
        begun();
        socket.on('end', gone).on('close', gone).resume();
      });
      const read = async () => {
        await isBegun;
        if (trouble === 'unreadable') throw new TsmError('UNREADABLE', 'The disk is broken.');
        controller.abort(new Error('enough'));
        return await new Promise<never>(() => undefined);
      };
      const source = { ...bytesSource('x', tsm), read };
      const service = new SnapshotService(url, { signal: controller.signal });
      const sent = service.uploadShard(shard, [{ name: '000000000-000001000.tsm', source }]);
      if (trouble === 'unreadable') await expect(sent).rejects.toThrow('The disk is broken.');
      else sent.catch(() => undefined);
      await isGone;
    }
  });
});

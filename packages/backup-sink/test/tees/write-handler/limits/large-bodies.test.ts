import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startHandler } from '../tools/start-handler';

const gzipped = { 'content-encoding': 'gzip' };
const path = '/write?db=db_0&precision=s';

describe('a large body', () => {
  it('leaves the event loop to others, whose writes are answered first', async () => {
    const { post, fake } = await startHandler();
    const answered: string[] = [];
    const post204 = async (name: string, sent: ReturnType<typeof post>) => {
      expect((await sent).status).toBe(204);
      answered.push(name);
    };
    const large = post204('large', post(path, gzipSync('m v=1\n'.repeat(40_000)), gzipped));
    await post204('small', post('/write?db=db_1&precision=s', 'm v=1 1'));
    await large;
    expect(answered).toEqual(['small', 'large']);
    expect(fake.seen.find(({ query }) => query.db === 'db_0')?.body.split('\n')).toHaveLength(40_001);
  });

  it('reaches the backup and InfluxDB with the same stamps, in its own precision', async () => {
    const { post, fake, lines } = await startHandler(undefined, { precision: 's' });
    expect((await post(path, 'm v=1\n'.repeat(10_000))).status).toBe(204);
    const sent = (fake.seen[0]?.body ?? '').split('\n').slice(0, -1);
    expect(sent).toHaveLength(10_000);
    expect(sent[0]).toMatch(/^m v=1 \d{10}$/);
    expect(await lines()).toEqual(sent.map((line) => `db_0/~default ${line}`));
  });

  it('with one bad line is refused whole, with the number of that line', async () => {
    const { post, fake, lines } = await startHandler();
    const answer = await post(path, `${'m v=1\n'.repeat(50_000)}m v=1x\n`);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('record 50000, column 5');
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
  });

  it.each([
    ['has too many lines', 'm v=1\n'.repeat(11), 'linesMax'],
    ['has too many blank lines', '\n'.repeat(11), 'linesMax'],
    ['has too many comments', '#\n'.repeat(500_000), 'linesMax'],
    ['has a line that is too long', `m v="${'a'.repeat(1_000)}" 1\n`, 'lineBytesMax'],
    ['ends in a line that is too long', `m v=1 1\nm v="${'a'.repeat(600_000)}`, 'lineBytesMax'],
  ])('that %s is answered 413, which names the limit, before any of it is read', async (_, body, limit) => {
    const { post, fake, lines } = await startHandler(undefined, {}, { linesMax: 10, lineBytesMax: 1_000 });
    const answer = await post(path, gzipSync(body), gzipped);
    expect(answer.status).toBe(413);
    expect(answer.body).toContain(`(${limit})`);
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
  });
});

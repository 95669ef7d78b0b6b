import { expect, it } from 'vitest';
import { verify } from '../../src/verify/verify';
import { backupOf } from '../support/backup';
import { describeOnInfluxd, fileOf, numbered } from '../support/ground';

describeOnInfluxd('the digest of a policy', (ground) => {
  it('is that of its content: the same by queries and through the snapshot service, and another one after any change', async () => {
    const lines = numbered(10);
    const files = [fileOf(ground, { lines })];
    const options = { storage: await backupOf(...files), instance: 'src', to: { url: ground.influxd.url } } as const;
    const digests = async (snapshot?: string) => {
      const more = snapshot === undefined ? {} : { snapshot };
      return (await verify({ ...options, level: 'content', digests: true, ...more })).digests;
    };
    await ground.run(files);
    const first = await digests();
    expect(first).toEqual([
      {
        database: ground.database,
        retentionPolicy: 'autogen',
        points: 10,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(await digests(`tcp://127.0.0.1:${ground.influxd.rpcPort}`)).toEqual(first);
    await ground.rows('DELETE FROM m WHERE time = 1704844800000000000');
    expect(await digests()).not.toEqual(first);
    const { digests: none } = await verify({ ...options, level: 'content' });
    expect(none).toBeUndefined();
    await expect(verify({ ...options, level: 'counts', digests: true })).rejects.toThrow(
      /`level` to be 'content' with `digests`/,
    );
  });
});

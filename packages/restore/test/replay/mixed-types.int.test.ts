import { expect, it } from 'vitest';
import { describeOnInfluxd, startMs, startS } from '../support/ground';

describeOnInfluxd('A restore by lines', (ground) => {
  it('loses no good record to the type that a refused one gives a new field', async () => {
    const lines = [
      `m v=1 ${startS}`, // opens the shard alone
      `m f1=1i ${startS + 1}`,
      `m f3=t,f1=t ${startS + 2}`, // f1 has another type, and f3 is new
      `m f3="x" ${startS + 3}`,
      `m g=t,h=1i,g=1 ${startS + 4}`, // contradicts itself
      `m g="y",h=2 ${startS + 5}`,
    ];
    const { database, workspace } = ground;
    const text = lines.map((line) => `${line}\n`).join('');
    const report = await ground.run([{ database, openedMs: startMs, lines: text }], { lanes: 1 });
    expect(report).toMatchObject({ lines: 4, rejected: 2 });
    const [rejected = ''] = Object.values(await workspace.rejected());
    expect(
      rejected
        .split('\n')
        .filter((line) => line.startsWith('m '))
        .sort(),
    ).toEqual([lines[2], lines[4]]);
    expect((await ground.rows('SELECT f1, f3, g, h, v FROM m')).map(([, ...values]) => values)).toEqual([
      [null, null, null, null, 1],
      [1, null, null, null, null],
      [null, 'x', null, null, null],
      [null, null, 'y', 2, null],
    ]);
  });
});

import { heal, verify } from '@ceres/restore';
import { influxdAvailable, startWriteProxy } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { healGround, instance } from '../support/heal-ground';

describe.skipIf(!(await influxdAvailable()))(
  'a heal, while a file is stored that holds a point which it compared,',
  () => {
    it('does not write that point, heals the rest, and does not say EQUAL; the next heal writes what the file holds', async () => {
      const { server, storage, sink, write, past, at, options, valueAt } = await healGround({ goesOn: true });
      await write(7, 1_007); // stays in the spool until the comparison is over
      await past(`m,t=a v=-1 ${at(7)}\nm,t=a v=-1 ${at(8)}`);
      const recorder = await startWriteProxy(server.url);
      onTestFinished(() => recorder.close());
      let isFlushed = false;
      const onProgress = ({ step }: { readonly step: string }) => {
        if (isFlushed || step !== 'sinks') return;
        isFlushed = true;
        void sink.flush();
      };
      const report = await heal({ ...options, to: { url: recorder.url }, waitMs: 30_000, onProgress });
      expect(recorder.lines).toEqual([`m,t=a v=8 ${at(8)}000000000`]);
      expect([await valueAt(7), await valueAt(8)]).toEqual([-1, 8]);
      expect(report).toMatchObject({ points: 1, values: 1, preview: { different: 1 } });
      expect(report.outcome).not.toBe('EQUAL');
      const again = await heal({ ...options, waitMs: 30_000, onProgress: () => void sink.flush() });
      expect(again).toMatchObject({ outcome: 'EQUAL', points: 1, values: 1 });
      expect(await valueAt(7)).toBe(1_007);
      expect(await verify({ storage, instance, to: { url: server.url }, level: 'content' })).toMatchObject({
        outcome: 'EQUAL',
      });
    });
  },
);

import { expect, it } from 'vitest';
import { SinkError } from '../../src/errors';
import { Admission, type Room } from '../../src/write/admission';
import { errorOf } from '../sink-harness';

/** Makes room for 100 bytes on their way to the disk, and for 1,000 in a spool that grows by what has left. */
function setUp(onSpoolFull: Room['onSpoolFull']) {
  const spool = { bytes: 0, full: 0 };
  const admission = new Admission({
    bufferedBytesMax: 100,
    spoolBytesMax: 1_000,
    onSpoolFull,
    spooledBytes: () => spool.bytes,
    spoolFull: () => {
      spool.full += 1;
    },
  });
  const sent: string[] = [];
  const enter = (name: string, bytes: number, signal?: AbortSignal) =>
    admission.enter(bytes, signal, () => {
      sent.push(name);
      return {};
    });
  const onDisk = (bytes: number) => {
    spool.bytes += bytes;
    admission.leave(bytes);
  };
  return { admission, spool, sent, enter, onDisk };
}

it('a write that throws while it is sent gives its room back', async () => {
  const { admission, enter, sent, onDisk } = setUp('wait');
  const refuse = (): never => {
    throw new SinkError('INVALID_NAME', 'no such name');
  };
  expect(() => admission.enter(90, undefined, refuse)).toThrow('no such name');
  enter('first', 90);
  const refused = errorOf(Promise.resolve(admission.enter(90, undefined, refuse)));
  const second = enter('second', 90);
  onDisk(90);
  expect(await refused).toMatchObject({ code: 'INVALID_NAME' });
  await second;
  expect(sent).toEqual(['first', 'second']);
});

it('writes keep the order of their calls when one before them gives up', async () => {
  const { enter, sent } = setUp('wait');
  enter('first', 90);
  const impatient = new AbortController();
  const second = errorOf(Promise.resolve(enter('second', 50, impatient.signal)));
  const third = enter('third', 5);
  impatient.abort(new Error('enough'));
  const fourth = enter('fourth', 5); // of the same tick
  await Promise.all([third, fourth]);
  expect(await second).toMatchObject({ message: 'enough' });
  expect(sent).toEqual(['first', 'third', 'fourth']);
});

it("'reject' also refuses a write that waited for the disk when the spool became full", async () => {
  const { spool, enter, sent, onDisk } = setUp('reject');
  enter('first', 90);
  const second = errorOf(Promise.resolve(enter('second', 60)));
  const third = enter('third', 20);
  spool.bytes = 860; // another partition's
  onDisk(90);
  expect(await second).toMatchObject({ code: 'SPOOL_FULL' });
  await third; // which still fits
  expect(sent).toEqual(['first', 'third']);
  expect(spool.full).toBe(1);
});

it("'wait' asks for room once when the spool became full while a write waited for the disk, and again after another got in", async () => {
  const { admission, spool, enter, sent, onDisk } = setUp('wait');
  enter('first', 90);
  const second = enter('second', 60);
  const third = enter('third', 60);
  expect(spool.full).toBe(0);
  spool.bytes = 860;
  onDisk(90);
  admission.wake();
  admission.wake();
  expect(sent).toEqual(['first']);
  expect(spool.full).toBe(1);
  spool.bytes = 940;
  admission.wake();
  await second;
  onDisk(60);
  expect(spool.full).toBe(2);
  spool.bytes = 0;
  admission.wake();
  await third;
  expect(sent).toEqual(['first', 'second', 'third']);
});

it("'reject' refuses no waiting write because of bytes that count twice on their way to the disk", async () => {
  const { admission, spool, enter } = setUp('reject');
  spool.bytes = 840;
  enter('first', 50);
  enter('second', 50);
  const third = enter('third', 50);
  spool.bytes = 940; // both, and neither has left yet
  admission.leave(50);
  admission.leave(50);
  await third;
});

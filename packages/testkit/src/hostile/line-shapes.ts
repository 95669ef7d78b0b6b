import type { Growing } from './growth';
import shapes from './line-shapes.json' with { type: 'json' };

/** A kind of text that someone hostile, or broken, may send: as long as is asked for. */
export interface HostileShape {
  readonly name: string;
  readonly bytes: (sizeBytes: number) => Buffer;
}

/** A head and a tail, and between them a unit that is repeated up to the size. */
interface RepeatedShape {
  readonly name: string;
  readonly head?: string;
  readonly unit: string;
  readonly tail?: string;
}

const decoder = 'latin1'; // One byte for each character, so that sizes are exact.

/** Line protocol that is cheap to send, and that a careless parser spends far more than linear time on. */
export const hostileLines: readonly HostileShape[] = [
  ...shapes.map(repeated),
  numbered('many tags', 'm', (n) => `,t${n}=1`, ' v=1 1'),
  numbered('many tags out of order', 'm', (n) => `,t${(n * 7919) % 99_991}=1`, ' v=1 1'),
  numbered('many fields', 'm v=1', (n) => `,f${n}=1`, ' 1'),
  numbered('many series', '', (n) => `m,t=${n} v=1 1\n`, ''),
  numbered('many measurements', '', (n) => `m${n} v=1 1\n`, ''),
].map(({ name, bytes }) => ({ name, bytes: once(bytes) }));

/** Returns the work of reading these shapes, for `superlinear`. */
export function growingShapes(shapes: readonly HostileShape[], read: (bytes: Buffer) => unknown): Growing[] {
  return shapes.map(({ name, bytes }) => {
    return {
      name,
      prepare: (sizeBytes) => {
        const input = bytes(sizeBytes);
        return () => read(input);
      },
    };
  });
}

function repeated({ name, head = '', unit, tail = '' }: RepeatedShape): HostileShape {
  const bytes = (sizeBytes: number) => {
    const count = Math.max(1, Math.floor((sizeBytes - head.length - tail.length) / unit.length));
    return Buffer.from(head + unit.repeat(count) + tail, decoder);
  };
  return { name, bytes };
}

/** A list of numbered parts, so that no two are the same. */
function numbered(name: string, head: string, part: (n: number) => string, tail: string): HostileShape {
  const bytes = (sizeBytes: number) => {
    const parts: string[] = [];
    for (let length = head.length + tail.length; length < sizeBytes; ) {
      const text = part(parts.length);
      parts.push(text);
      length += text.length;
    }
    return Buffer.from(head + parts.join('') + tail, decoder);
  };
  return { name, bytes };
}

/** Makes the bytes of a size once; every reader reads the same ones. */
function once(make: (sizeBytes: number) => Buffer): (sizeBytes: number) => Buffer {
  const made = new Map<number, Buffer>();
  return (sizeBytes) => {
    const bytes = made.get(sizeBytes) ?? make(sizeBytes);
    made.set(sizeBytes, bytes);
    return bytes;
  };
}

import type { FsOperation } from '@ceres/testkit';
import * as fc from 'fast-check';
import type { BucketMode } from './bucket';

/** One step of a schedule. */
export type Command =
  | {
      readonly type: 'write';
      readonly partition: number;
      readonly writes: number;
      readonly lines: number;
      readonly padding: number;
      readonly ack: 'buffered' | 'spooled';
    }
  | { readonly type: 'flush' | 'settle' | 'open' | 'clone' | 'diskFree' | 'close' }
  | { readonly type: 'crash'; readonly power: boolean }
  | { readonly type: 'bucket'; readonly mode: BucketMode }
  | {
      readonly type: 'fault';
      readonly operation: FsOperation | 'any';
      readonly kind: 'EIO' | 'ENOSPC' | 'EROFS' | 'short';
      readonly after: number;
      readonly times: number;
      readonly done: number;
    }
  | { readonly type: 'diskFull'; readonly slackBytes: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'setClock'; readonly byMs: number };

const operations = [
  'any',
  'any',
  'any',
  'any',
  'open',
  'write',
  'datasync',
  'sync',
  'rename',
  'unlink',
  'mkdir',
  'truncate',
  'close',
  'read',
  'link',
  'readdir',
  'lstat',
] as const;
const day = 86_400_000;

const write = fc.record({
  type: fc.constant('write' as const),
  partition: fc.integer({ min: 0, max: 2 }),
  writes: fc.integer({ min: 1, max: 4 }),
  lines: fc.integer({ min: 1, max: 4 }),
  padding: fc.integer({ min: 0, max: 300 }),
  ack: fc.constantFrom('spooled' as const, 'spooled' as const, 'spooled' as const, 'buffered' as const),
});

const fault = fc.record({
  type: fc.constant('fault' as const),
  operation: fc.constantFrom(...operations),
  kind: fc.constantFrom('EIO' as const, 'ENOSPC' as const, 'EROFS' as const, 'short' as const),
  after: fc.integer({ min: 0, max: 8 }),
  times: fc.integer({ min: 1, max: 4 }),
  done: fc.constantFrom(0, 0.5, 1),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 12, arbitrary: write },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('flush' as const) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('crash' as const), power: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('open' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('clone' as const, 'close' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('bucket' as const),
      mode: fc.constantFrom<BucketMode>('ok', 'down', 'lost', 'denied', 'mixed'),
    }),
  },
  { weight: 8, arbitrary: fault },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('diskFull' as const), slackBytes: fc.integer({ min: 0, max: 2_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('diskFree' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      ms: fc.constantFrom(10, 1_000, 40_000, 400_000, 4_000_000, day),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('setClock' as const),
      byMs: fc.constantFrom(-2 * day, -3_600_000, -1, 1, 3_600_000, 2 * day),
    }),
  },
);

/** A schedule, and the seed of all chance within it. */
export interface Schedule {
  readonly seed: number;
  readonly commands: readonly Command[];
}

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  commands: fc.array(command, { minLength: 5, maxLength: 40 }),
});

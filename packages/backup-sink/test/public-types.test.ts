import { expectTypeOf, it } from 'vitest';
import type * as sink from '../src/index';

it('the package exports every type of its signatures, so that a caller can name what it passes and gets', () => {
  type Open = Parameters<typeof sink.BackupSink.open>[0];
  expectTypeOf<Open>().toEqualTypeOf<sink.BackupSinkOptions>();
  expectTypeOf<Open['storage']>().toEqualTypeOf<sink.ObjectWriter>();
  expectTypeOf<Open['precision']>().toEqualTypeOf<sink.Precision>();
  expectTypeOf<NonNullable<Open['fs']>>().toEqualTypeOf<sink.FileSystem>();
  expectTypeOf<Awaited<ReturnType<sink.FileSystem['open']>>>().toEqualTypeOf<sink.FileHandle>();
  expectTypeOf<NonNullable<Open['clock']>>().toEqualTypeOf<sink.Clock>();
  expectTypeOf<NonNullable<Open['logger']>>().toEqualTypeOf<sink.Logger>();
  expectTypeOf<NonNullable<Open['ack']>>().toEqualTypeOf<sink.Ack>();
  expectTypeOf<ReturnType<NonNullable<Open['policies']>>>().toEqualTypeOf<sink.PolicySchema | undefined>();

  type Put = Parameters<sink.ObjectWriter['put']>;
  expectTypeOf<Put[1]>().toEqualTypeOf<sink.ObjectBody>();
  expectTypeOf<NonNullable<Put[2]>>().toEqualTypeOf<sink.CallOptions>();
  expectTypeOf<ReturnType<sink.ObjectReader['list']>>().toExtend<AsyncIterable<sink.ObjectInfo>>();

  type Write = Parameters<sink.BackupSink['write']>;
  expectTypeOf<Write[0]>().toEqualTypeOf<sink.Partition>();
  expectTypeOf<Write[1]>().toEqualTypeOf<readonly sink.Point[] | sink.RawLines>();
  expectTypeOf<Write[2]>().toEqualTypeOf<sink.WriteOptions | undefined>();
  expectTypeOf<sink.Point['fields']>().toEqualTypeOf<Readonly<Record<string, sink.FieldValue | null | undefined>>>();
  expectTypeOf<Awaited<ReturnType<sink.BackupSink['write']>>>().toEqualTypeOf<sink.Receipt>();
  expectTypeOf<ReturnType<sink.BackupSink['stats']>>().toEqualTypeOf<sink.SinkStats>();
  expectTypeOf<keyof sink.SinkEvents>().toEqualTypeOf<Parameters<sink.BackupSink['on']>[0]>();

  expectTypeOf<Parameters<typeof sink.createTee>[0]>().toEqualTypeOf<sink.InfluxWriter>();
  type TeeAnswer = Awaited<ReturnType<sink.Tee['write']>>;
  expectTypeOf<TeeAnswer>().toExtend<{ receipt: sink.Receipt; influx: sink.WriteOutcome | undefined }>();
  expectTypeOf<Parameters<typeof sink.readPolicies>[0]>().toEqualTypeOf<sink.InfluxServer | sink.PolicyReader>();
  expectTypeOf<
    Awaited<ReturnType<sink.PolicyReader['showRetentionPolicies']>>[number]
  >().toEqualTypeOf<sink.PolicyRow>();
  expectTypeOf<Parameters<typeof sink.teeTransport>[0]>().toExtend<sink.ClientTransport>();
  expectTypeOf<Parameters<typeof sink.teeInflux>[0]>().toExtend<sink.NodeInfluxClient>();
});

import { createWriteHandler, type WriteHandlerOptions } from '../../../../src/index';
import { afterTest, openTestSink } from '../../backup';
import { startFakeInflux } from '../../fake-influx';
import { send } from './client';
import { serve, watched } from './serve';

/** A write handler on `node:http`, in front of a fake InfluxDB. */
export async function startHandler(
  answer?: Parameters<typeof startFakeInflux>[0],
  sinkOptions = {},
  handlerOptions: Partial<WriteHandlerOptions> = {},
  serverOptions: Parameters<typeof serve>[1] = {},
  halfOpen = false,
) {
  const fake = await startFakeInflux(answer);
  afterTest(() => fake.stop());
  const test = await openTestSink(sinkOptions);
  const handler = createWriteHandler(fake.url, test.sink, { instance: 'influxdb-0', ...handlerOptions });
  const { listener, arrival } = watched(handler);
  const url = await serve(listener, serverOptions, halfOpen);
  return {
    fake,
    ...test,
    handler,
    url,
    arrival,
    post: (path: string, body: string | Uint8Array, headers = {}) => send(url, 'POST', path, body, headers),
  };
}

import { type BackupSink, createTee, SinkError } from '@ceres/backup-sink';
import type { InfluxWriter } from '@ceres/influx-http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { formatMetrics } from './metrics';
import { type Telemetry, telemetrySchema } from './telemetry';

export interface ServerParts {
  readonly sink: BackupSink;
  readonly influx: InfluxWriter;
  readonly instance: string;
}

export function buildServer({ sink, influx, instance }: ServerParts): FastifyInstance {
  // A device, or a shutdown, does not wait for an InfluxDB that hangs: the backup holds the points by then.
  const tee = createTee(influx, sink, { instance, onInfluxError: 'resolve', influxTimeoutMs: 5_000 });
  // Without coercion: Fastify would make a string of a number that no float64 holds, and write that.
  const server = fastify({ ajv: { customOptions: { allowUnionTypes: true, coerceTypes: false } } });
  server.setErrorHandler(answerError);

  server.post<{ Params: { database: string }; Body: Telemetry }>(
    '/telemetry/:database',
    { schema: telemetrySchema },
    async ({ params: { database }, body }, reply) => {
      const points = body.map(({ time, ...point }) => ({ ...point, timestamp: new Date(time) }));
      // Resolves once the points are safe; InfluxDB may be down, the backup holds them.
      const { receipt, influx: outcome } = await tee.write({ database }, points);
      return reply.code(202).send({ accepted: receipt.lines, influx: outcome.kind });
    },
  );

  server.get('/metrics', (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(formatMetrics(sink.stats())),
  );
  return server;
}

/** What the sink refuses is the client's fault, or it passes: then the client shall come again. */
function answerError(error: Error, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof SinkError)) return reply.send(error);
  if (/^INVALID_(DATA|NAME)$/.test(error.code)) return reply.code(400).send(error);
  return reply.code(503).header('retry-after', '5').send(error);
}

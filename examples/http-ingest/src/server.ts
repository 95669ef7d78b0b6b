import { type BackupSink, createTee, SinkError, sinkMetrics } from '@ceres/backup-sink';
import type { InfluxWriter } from '@ceres/influx-http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Telemetry, telemetrySchema } from './telemetry';

/** What the server is built from. */
export interface ServerParts {
  readonly sink: BackupSink;
  readonly influx: InfluxWriter;
  readonly instance: string;
}

/** Builds the HTTP service, not yet listening. */
export function buildServer({ sink, influx, instance }: ServerParts): FastifyInstance {
  // Devices, and a shutdown, do not wait long for an InfluxDB that hangs: by then the backup holds the points.
  const tee = createTee(influx, sink, { instance, onInfluxError: 'resolve', influxTimeoutMs: 5_000 });
  // Without coercion: Fastify would turn a number that no float64 can hold into a string, and write that.
  const server = fastify({ ajv: { customOptions: { allowUnionTypes: true, coerceTypes: false } } });
  server.setErrorHandler(answerError);

  server.post<{ Params: { database: string }; Body: Telemetry }>(
    '/telemetry/:database',
    { schema: telemetrySchema },
    async ({ params: { database }, body }, reply) => {
      const points = body.map(({ time, ...point }) => ({ ...point, timestamp: new Date(time) }));
      // Resolves once the points are in the backup, even if InfluxDB is down.
      const { receipt, influx: outcome } = await tee.write({ database }, points);
      return reply.code(202).send({ accepted: receipt.lines, influx: outcome.kind });
    },
  );

  const metrics = sinkMetrics(sink);
  server.get('/metrics', (_request, reply) => reply.type(metrics.contentType).send(metrics.text()));
  return server;
}

/** Answers 400 to what the client has to fix, and 503 to what a retry may fix. */
function answerError(error: Error, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof SinkError)) return reply.send(error);
  if (/^INVALID_(DATA|NAME)$/.test(error.code)) return reply.code(400).send(error);
  return reply.code(503).header('retry-after', '5').send(error);
}

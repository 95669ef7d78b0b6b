import type { ServerResponse } from 'node:http';
import { SinkError, type SinkErrorCode } from '../../errors';
import type { Logger } from '../../report/logger';
import { isBackedUp } from '../backed-up';
import { InfluxWriteError } from '../backup-first/errors';
import type { WriteApi } from '../parameters/write-target';
import { refuse } from './influx/answer';
import { ClientGone, Refusal } from './refusal';

const clientsFaults: ReadonlySet<SinkErrorCode> = new Set(['INVALID_DATA', 'INVALID_NAME']);

/** Answers a request that failed, by what it failed at. */
export function answerFailure(
  response: ServerResponse,
  api: WriteApi | undefined,
  error: unknown,
  logger: Logger,
): void {
  if (error instanceof ClientGone || response.destroyed) {
    response.destroy();
  } else if (error instanceof Refusal) {
    refuse(response, api, error.status, error.message, error.closes);
  } else if (error instanceof SinkError && clientsFaults.has(error.code)) {
    refuse(response, api, 400, error.message);
  } else if (error instanceof SinkError) {
    refuse(response, api, 503, `the backup cannot take the points, so InfluxDB was not asked: ${error.message}`);
  } else if (error instanceof InfluxWriteError) {
    const backedUp = isBackedUp(error) ? ' (the points are backed up)' : '';
    refuse(response, api, error.code === 'TIMEOUT' ? 504 : 502, `${error.message}${backedUp}`);
  } else {
    logger.error({ err: error }, 'the write handler failed');
    refuse(response, api, 500, 'the write handler failed: see the log of the service');
  }
}

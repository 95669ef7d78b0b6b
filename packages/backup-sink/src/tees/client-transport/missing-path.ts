/** What Go's router says of a path that it does not have. InfluxDB's own 404, for a missing database, is JSON. */
const pageNotFound = /404 page not found/;

/**
 * Adds to the client's own error for a path that the server lacks what to do about it: InfluxDB has `/api/v2/write` since 1.8, and its
 * answer does not say so.
 *
 * @throws the same error, always
 */
export function explainMissingPath(error: unknown): never {
  const { statusCode, body } = Object(error) as { readonly statusCode?: unknown; readonly body?: unknown };
  if (error instanceof Error && statusCode === 404 && pageNotFound.test(`${body ?? ''} ${error.message}`)) {
    error.message += `. ${advice}`;
  }
  throw error;
}

const advice =
  'The server does not have the path that this client writes to: an InfluxDB older than 1.8 has only /write. ' +
  'Put a createWriteHandler() in front of it, or upgrade it.';

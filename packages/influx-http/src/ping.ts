import { InfluxHttpError } from './errors';
import { HttpClient } from './http/client';
import { readText } from './http/read-body';
import { type InfluxServer, resolveOptions } from './options';

/**
 * Whether the server is up, and its version without a leading `v`: `1.6.7~rc0`, `1.8.10`. InfluxDB 2 answers too, with
 * `2.…`, and so do servers that speak only parts of version 1: judge by the version before you write.
 *
 * @throws InfluxHttpError `UNREACHABLE`, `TIMEOUT`, `UNAUTHORIZED`, `SERVER_FAULT`; `INVALID_ANSWER` if it names no version
 */
export async function ping(server: InfluxServer): Promise<{ readonly version: string }> {
  const resolved = resolveOptions(server);
  const client = new HttpClient(resolved);
  try {
    const { status, headers, body } = await client.send({ method: 'GET', path: 'ping' });
    await readText(body);
    const version = headers['x-influxdb-version'];
    if (typeof version === 'string' && version !== '' && status < 300) return { version: version.replace(/^v/, '') };
    throw notInfluxdb(status, resolved.url);
  } finally {
    client.close();
  }
}

function notInfluxdb(status: number, { href }: URL): InfluxHttpError {
  if (status === 401 || status === 403) {
    return new InfluxHttpError('UNAUTHORIZED', `${href} refused the credentials (HTTP ${status})`);
  }
  if (status >= 500)
    return new InfluxHttpError('SERVER_FAULT', `${href} answered HTTP ${status}: is InfluxDB still starting?`);
  const message = `${href} answered HTTP ${status} without a version: it is not InfluxDB 1.x, or a proxy stands before it`;
  return new InfluxHttpError('INVALID_ANSWER', message);
}

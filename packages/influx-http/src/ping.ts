import { classifyPing } from './answers/classify-query';
import { InfluxHttpError } from './errors';
import { HttpClient } from './http/client';
import { readText } from './http/read-body';
import { type InfluxServer, resolveOptions } from './options';

/**
 * Resolves with the server's version, without a leading `v`: `1.6.7~rc0`, `1.8.10`. InfluxDB 2 answers too, with `2.…`, and so do
 * servers that speak only parts of version 1: check the version before you write. This package understands 1.6 to 1.12.
 *
 * @example
 * ```ts
 * const { version } = await ping({ url: 'http://127.0.0.1:8086' });
 * if (!version.startsWith('1.')) console.error(`Expected InfluxDB 1.x, got ${version}.`);
 * ```
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
    throw withoutVersion(status, resolved.url);
  } finally {
    client.close();
  }
}

function withoutVersion(status: number, { href }: URL): InfluxHttpError {
  const code = classifyPing(status);
  if (code === 'UNAUTHORIZED') {
    return new InfluxHttpError(code, `${href} refused the credentials (HTTP ${status}): check user and password.`);
  }
  if (code === 'SERVER_FAULT') {
    return new InfluxHttpError(code, `${href} answered HTTP ${status}: is InfluxDB still starting? Try again later.`);
  }
  const what = `${href} answered HTTP ${status} without a version`;
  return new InfluxHttpError(code, `${what}: it is not InfluxDB 1.x, or a proxy answers for it. Check the URL.`);
}

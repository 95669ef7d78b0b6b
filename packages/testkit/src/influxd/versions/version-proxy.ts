import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { query } from '../http';
import { readLines, writeLines } from './lines';
import { messageOf, timeStripped, type WrittenTo } from './texts';
import { TypeRounds, type Upstream } from './type-rounds';
import { isVersion } from './version';

/** A server that answers as another version of InfluxDB does. */
export interface VersionProxy {
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

const stringBytesMax = 1_048_576;
/** InfluxDB's default `max-body-size`. A larger body goes on as it came. */
const bodyBytesMax = 25_000_000;

/**
 * Starts a proxy in front of a real InfluxDB 1.6.7 that changes its answers into those that `version` was seen to give:
 * texts, statuses, `/ping`, columns of `SHOW RETENTION POLICIES`, missing shards, strings over 1 MiB, fields named `time`, the
 * rounds of a conflict of types. What is stored is what 1.6.7 stores: a limit of series loses the points of existing series as
 * there.
 */
export async function versionProxy(influxd: { readonly url: string }, version: string): Promise<VersionProxy> {
  const imitation = new Imitation(influxd.url, version);
  const server = createServer((incoming, response) => {
    imitation.answer(incoming, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    version,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Imitation {
  readonly #url: string;
  readonly #version: string;
  readonly #rounds: TypeRounds;

  constructor(url: string, version: string) {
    this.#url = url;
    this.#version = version;
    this.#rounds = new TypeRounds(version);
  }

  async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', this.#url);
    response.setHeader('x-influxdb-version', this.#version);
    if (pathname === '/health' && this.#is({ from: '1.8' })) {
      json(response, 200, {
        name: 'influxdb',
        message: 'ready for queries and writes',
        status: 'pass',
        version: this.#version,
      });
    } else if (pathname === '/ping' && searchParams.get('verbose') === 'true' && this.#is({ from: '1.8' })) {
      json(response, 200, { version: this.#version });
    } else if (pathname === '/api/v2/write' && this.#is({ from: '1.8' })) {
      const [database = '', retentionPolicy = ''] = (searchParams.get('bucket') ?? '').split('/');
      const precision =
        { ns: 'n', us: 'u' }[searchParams.get('precision') ?? ''] ?? searchParams.get('precision') ?? 'n';
      if (incoming.method !== 'POST') response.writeHead(405).end();
      else await this.#write(incoming, response, new URLSearchParams({ db: database, rp: retentionPolicy, precision }));
    } else if (pathname === '/write') {
      await this.#write(incoming, response, searchParams);
    } else if (pathname === '/query') {
      await this.#query(incoming, response, searchParams);
    } else {
      await relay(await this.#send(incoming, incoming.url ?? '/', incoming), response, this.#version);
    }
  }

  async #write(incoming: IncomingMessage, response: ServerResponse, parameters: URLSearchParams): Promise<void> {
    const body = await buffer(incoming);
    const to = { database: parameters.get('db') ?? '', retentionPolicy: parameters.get('rp') || 'autogen' };
    const precision = parameters.get('precision') ?? '';
    if (this.#is({ from: '1.8' }) && !['', 'n', 'u', 'ms', 's', 'm', 'h'].includes(precision)) {
      fail(response, 400, `invalid precision "${precision}" (use n, u, ms, s, m or h)`);
      return;
    }
    const plain = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    if (plain.length > bodyBytesMax) {
      await relay(await this.#send(incoming, `/write?${parameters}`, body), response, this.#version);
      return;
    }
    const send = async (lines: Buffer): Promise<Upstream> => {
      const answer = await this.#send(incoming, `/write?${parameters}`, lines, 'unpacked');
      const text = (await buffer(answer)).toString();
      return {
        status: answer.statusCode ?? 0,
        message: text === '' ? '' : ((JSON.parse(text) as { error?: string }).error ?? ''),
      };
    };
    const { status, message } = await this.#written(plain, to, send);
    if (status === 204) response.writeHead(204).end();
    else fail(response, status, messageOf(this.#version, message, to));
  }

  async #written(body: Buffer, to: WrittenTo, send: (body: Buffer) => Promise<Upstream>): Promise<Upstream> {
    const all = readLines(body);
    // A body that holds a line which is not line protocol goes on as it is, so that the server names the line.
    if (all.length === 0 || all.some(({ fields }) => fields.length === 0)) return await send(body);
    const isTooLong = ({ type, sizeBytes }: { type: string; sizeBytes: number }) =>
      type === 'string' && sizeBytes > stringBytesMax;
    const long = this.#is({ from: '1.9' }) ? all.filter(({ fields }) => fields.some(isTooLong)) : [];
    const lines = all.filter((line) => !long.includes(line));
    const answer =
      lines.length === 0
        ? await send(writeLines([]))
        : await this.#rounds.send(`${to.database}\n${to.retentionPolicy}`, lines, send);
    const [first] = long;
    if (first !== undefined && (answer.status === 204 || answer.message.startsWith('partial write: '))) {
      const field = first.fields.find(isTooLong);
      const dropped = long.length + Number(/ dropped=(\d+)$/.exec(answer.message)?.[1] ?? 0);
      const what = `input field "${field?.name}" on measurement "${first.measurement}" is too long`;
      return {
        status: 400,
        message: `partial write: ${what}, ${field?.sizeBytes} > ${stringBytesMax} dropped=${dropped}`,
      };
    }
    const stripped = lines.find(({ fields }) => fields.length > 1 && fields.some(({ name }) => name === 'time'));
    if (answer.status === 204 && stripped !== undefined && this.#is({ from: '1.12' })) {
      return { status: 400, message: timeStripped(stripped.measurement, to) };
    }
    return answer;
  }

  async #query(incoming: IncomingMessage, response: ServerResponse, parameters: URLSearchParams): Promise<void> {
    const body = await buffer(incoming);
    const statement = parameters.get('q') ?? new URLSearchParams(body.toString()).get('q') ?? '';
    const [, shard] = /^DROP SHARD (\d+)$/.exec(statement.trim()) ?? [];
    if (shard !== undefined && this.#is({ from: '1.11' }) && !(await this.#hasShard(Number(shard)))) {
      json(response, 200, { results: [{ statement_id: 0, error: 'shard not found' }] });
      return;
    }
    const answer = await this.#send(incoming, incoming.url ?? '/', body);
    if (!/SHOW RETENTION POLICIES/i.test(statement) || !this.#is({ from: '1.12' })) {
      await relay(answer, response, this.#version);
      return;
    }
    const lines = (await buffer(answer)).toString().split('\n');
    response.writeHead(answer.statusCode ?? 0, { 'content-type': 'application/json' });
    response.end(lines.map((line) => (line === '' ? '' : withWriteLimits(line))).join('\n'));
  }

  async #hasShard(id: number): Promise<boolean> {
    const shards = await query(this.#url, '', 'SHOW SHARDS');
    return shards.some(({ columns, values }) => values.some((row) => row[columns.indexOf('id')] === id));
  }

  /** Sends a request on with the headers of the client, and resolves with the answer. */
  async #send(
    incoming: IncomingMessage,
    path: string,
    body: Buffer | IncomingMessage,
    form: 'as it came' | 'unpacked' = 'as it came',
  ): Promise<IncomingMessage> {
    const { 'content-encoding': encoding, authorization, ...headers } = incoming.headers;
    delete headers.host;
    delete headers['content-length'];
    delete headers['accept-encoding']; // An answer that is changed has to be read first.
    const outgoing = request(new URL(path, this.#url), {
      method: path.startsWith('/write') ? 'POST' : incoming.method,
      insecureHTTPParser: true,
      headers: {
        ...headers,
        ...(authorization !== undefined && { authorization: this.#credentials(authorization) }),
        ...(encoding !== undefined && form === 'as it came' && { 'content-encoding': encoding }),
        ...(Buffer.isBuffer(body) && { 'content-length': String(body.length) }),
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve).once('error', reject);
    });
    if (Buffer.isBuffer(body)) outgoing.end(body);
    else await pipeline(body, outgoing);
    return await answered;
  }

  /** Turns the scheme `Token`, which servers know from 1.8 on, into the one that 1.6.7 knows. */
  #credentials(authorization: string): string {
    const [, pair] = this.#is({ from: '1.8' }) ? (/^Token (.*)$/.exec(authorization) ?? []) : [];
    return pair === undefined ? authorization : `Basic ${Buffer.from(pair).toString('base64')}`;
  }

  #is(range: { readonly from: string }): boolean {
    return isVersion(this.#version, range);
  }
}

interface PolicyAnswer {
  results?: { series?: { columns: string[]; values?: unknown[][] }[] }[];
}

/** Adds the two columns that 1.12 has before `default`. */
function withWriteLimits(line: string): string {
  const answer = JSON.parse(line) as PolicyAnswer;
  for (const { columns, values = [] } of (answer.results ?? []).flatMap(({ series = [] }) => series)) {
    const at = columns.indexOf('default');
    if (at < 0) continue;
    columns.splice(at, 0, 'futureWriteLimit', 'pastWriteLimit');
    for (const row of values) row.splice(at, 0, '0s', '0s');
  }
  return JSON.stringify(answer);
}

async function relay(answer: IncomingMessage, response: ServerResponse, version: string): Promise<void> {
  response.writeHead(answer.statusCode ?? 0, { ...answer.headers, 'x-influxdb-version': version });
  await pipeline(answer, response);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

/** Answers with an error, as InfluxDB does: in the body and in a header, which cannot carry every character. */
function fail(response: ServerResponse, status: number, message: string): void {
  response.setHeader('x-influxdb-error', message.replace(/[^\x20-\x7e]/g, '?').slice(0, 8_000));
  json(response, status, { error: message });
}

import { precisionParameter } from '@ceres/influx-http/internal';
import type { Precision } from '@ceres/lineproto';
import type { InfluxDB, IWriteOptions } from 'influx';
import { SinkError } from '../../errors';

/** What node-influx 5.9.3 to 5.12 holds and does not document, as far as it is used here. */
interface Insides {
  readonly _options: { readonly database?: unknown; readonly username?: unknown; readonly password?: unknown };
  readonly _schema: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  readonly _pool: { discard(request: object): Promise<void> };
}

/** A node-influx client that can be given a write's bytes: its hosts, retries, credentials and errors stay its own. */
export interface ByteClient {
  /** Says whether the client has a schema for a measurement, which decides the types of its fields. */
  hasSchema(database: string, measurement: string): boolean;
  /** Posts lines as `writePoints` does, and rejects with the same errors. */
  post(
    lines: Uint8Array,
    precision: Precision,
    to: Pick<IWriteOptions, 'retentionPolicy'> & { database: string },
  ): Promise<void>;
}

/**
 * Returns a client that can be given bytes; `undefined` if its `writePoints` or `parsePoint` is not node-influx's own (a subclass,
 * a spy in a test, a version that works in another way): what they do is then left to them.
 */
export function byteClient(client: InfluxDB): ByteClient | undefined {
  if (!isOwn(client.writePoints, postsByPool) || !isOwn(client.parsePoint, readsSchemas)) return undefined;
  const { _options, _schema, _pool } = client as unknown as Partial<Insides>;
  if (_options === undefined || _schema === undefined || typeof _pool?.discard !== 'function') return undefined;
  const { username, password } = _options;
  return {
    hasSchema: (database, measurement) => _schema[database]?.[measurement] !== undefined,
    post: (lines, precision, { database, retentionPolicy }) =>
      _pool.discard({
        body: lines,
        method: 'POST',
        path: '/write',
        query: { db: database, precision: precisionParameter[precision], rp: retentionPolicy },
        auth: typeof username === 'string' ? `${username}:${password || ''}` : undefined,
      }),
  };
}

const postsByPool = /\._pool\.discard\(/;
const readsSchemas = /\._schema\[/;

/** The functions that were looked at. A source text is read once for each. */
const looked = new WeakMap<object, boolean>();

/** Says whether a method is node-influx's own code: only that names the insides which are used here in its place. */
function isOwn(method: unknown, mark: RegExp): boolean {
  if (typeof method !== 'function') return false;
  const known = looked.get(method);
  if (known !== undefined) return known;
  const own = mark.test(Function.prototype.toString.call(method));
  looked.set(method, own);
  return own;
}

/** Reads what node-influx has no public way to ask for. Where this fails, `parsePoint` says that there is no database. */
export function defaultDatabase(client: InfluxDB): string {
  const { _options } = client as unknown as Partial<Insides>;
  const database = _options?.database;
  if (typeof database === 'string' && database !== '') return database;
  client.parsePoint({ measurement: 'm', fields: { v: 1 } });
  throw new SinkError(
    'INVALID_DATA',
    `teeInflux() cannot read this client's default database: name it in the call, { database: 'db_0' }.`,
  );
}

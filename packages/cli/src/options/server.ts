import type { InfluxServer } from '@ceres/influx-http';
import { precisions } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import type { ComparisonOptions } from '@ceres/restore';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from '../errors';
import type { Terminal } from '../terminal';
import { collectMapping, collectPolicyMapping, onlyGiven } from './values';

/** The options that say which InfluxDB server a command works with, and under which names. */
export interface ServerOptions extends MappingOptions {
  readonly to: URL;
}

/** The options that say what files mean on a server. */
export interface MappingOptions {
  readonly mapDb?: Readonly<Record<string, string>>;
  readonly mapRp?: Readonly<Record<string, string>>;
  readonly precision?: Precision;
}

export function withServer(command: Command, purpose: string): Command {
  return withMapping(command.requiredOption(toFlags, toPurpose(purpose), parseServerUrl));
}

/** Adds the same options, where the server may be left out if something else is named. */
export function withOptionalServer(command: Command, purpose: string): Command {
  return withMapping(command.option(toFlags, toPurpose(purpose), parseServerUrl));
}

const toFlags = '--to <influx-url>';
const toPurpose = (purpose: string) => `${purpose}, such as http://127.0.0.1:8086`;

/** Adds the options that say what files mean on a server. */
export function withMapping(command: Command): Command {
  return command
    .option('--map-db <from=to>', 'the database has another name on the server (repeatable)', collectMapping)
    .option(
      '--map-rp <from=to>',
      'the retention policy has another name on the server; =NAME is the default policy of the backup (repeatable)',
      collectPolicyMapping,
    )
    .addOption(
      new Option('--precision <unit>', 'unit of the timestamps in files that do not name one (default: s)').choices(
        precisions,
      ),
    );
}

/** The API options of restore and verify that say the same. */
type ApiServerOptions = Pick<ComparisonOptions, 'to' | 'mapDatabase' | 'mapRetentionPolicy' | 'precision'>;

export function toServerOptions(options: ServerOptions, env: Terminal['env']): ApiServerOptions {
  return { to: toServer(options.to, env), ...toMappingOptions(options) };
}

export function toMappingOptions(options: MappingOptions): Omit<ApiServerOptions, 'to'> {
  return onlyGiven<Omit<ApiServerOptions, 'to'>>({
    mapDatabase: options.mapDb,
    mapRetentionPolicy: options.mapRp,
    precision: options.precision,
  });
}

/** Parses the value of `--to`, or of another option. Credentials in it are refused, because every user of the host can see arguments. */
export function parseServerUrl(text: string, option: unknown = '--to'): URL {
  if (text.includes('@')) {
    // Not an InvalidArgumentError: commander would repeat the argument with its secret, perhaps into a log.
    const name = typeof option === 'string' && option.startsWith('--') ? option : '--to';
    const message = `Expected ${name} without credentials. Set INFLUX_USERNAME and INFLUX_PASSWORD instead.`;
    throw new CliError('INVALID_OPTIONS', message);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError(
      'Expected the URL of an InfluxDB server, such as http://127.0.0.1:8086. (For times of points, use --from and --until.)',
    );
  }
  if (/[?#]/.test(text)) {
    throw new InvalidArgumentError(
      'Expected the URL of an InfluxDB server without ? and #, which would be ignored. (To choose a database, use --db.)',
    );
  }
  return url;
}

/**
 * Returns the server with its credentials, which come from the environment.
 *
 * @throws CliError `INVALID_OPTIONS`, in words of the environment
 */
export function toServer(url: URL, env: Terminal['env']): InfluxServer {
  const { username, password, token } = credentialsIn(env);
  const given = [username && 'INFLUX_USERNAME', password && 'INFLUX_PASSWORD', token && 'INFLUX_TOKEN'].filter(Boolean);
  if (Boolean(username) !== Boolean(password)) {
    const message = `Expected INFLUX_USERNAME and INFLUX_PASSWORD together, got only ${given[0]}.`;
    throw new CliError('INVALID_OPTIONS', message);
  }
  if (given.length > 2) {
    const message =
      'Expected INFLUX_USERNAME and INFLUX_PASSWORD, or INFLUX_TOKEN, got all three. Unset what is not meant.';
    throw new CliError('INVALID_OPTIONS', message);
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    const message = 'Expected INFLUX_TOKEN to hold visible ASCII characters only, without a space or a line feed.';
    throw new CliError('INVALID_OPTIONS', message);
  }
  return onlyGiven<InfluxServer>({ url, username, password, token });
}

/** Says which credentials a server has refused: the variables, and never a secret. */
export function refusedCredentials(env: Terminal['env']): string {
  const { username, token } = credentialsIn(env);
  if (token !== undefined) return 'It refused INFLUX_TOKEN.';
  if (username !== undefined) return `It refused the user '${username}' of INFLUX_USERNAME with INFLUX_PASSWORD.`;
  return 'It was asked without credentials, because neither INFLUX_USERNAME nor INFLUX_TOKEN is set.';
}

/** Returns the credentials in the environment. A variable that is empty is not set. */
function credentialsIn({ INFLUX_USERNAME, INFLUX_PASSWORD, INFLUX_TOKEN }: Terminal['env']) {
  return {
    username: INFLUX_USERNAME || undefined,
    password: INFLUX_PASSWORD || undefined,
    token: INFLUX_TOKEN || undefined,
  };
}

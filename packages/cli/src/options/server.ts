import type { InfluxServer } from '@ceres/influx-http';
import { InvalidArgumentError } from 'commander';
import type { Terminal } from '../terminal';
import { UsageError } from './usage-error';

/** Parses the value of `--to`; credentials in it are refused, since arguments are seen by every user of the host. */
export function parseTargetUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError(
      `'${text}' is no URL of an InfluxDB server such as http://127.0.0.1:8086. (For times of points: --from and --until.)`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    // No InvalidArgumentError: commander would repeat the argument, secret and all, in what may be a log.
    throw new UsageError('Leave the credentials out of --to: set INFLUX_USERNAME and INFLUX_PASSWORD.');
  }
  return url;
}

export function targetServer(url: URL, env: Terminal['env']): InfluxServer {
  const { INFLUX_USERNAME: username, INFLUX_PASSWORD: password, INFLUX_TOKEN: token } = env;
  return {
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(token === undefined ? {} : { token }),
  };
}

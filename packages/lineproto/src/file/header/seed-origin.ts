import { LineProtocolError } from '../../errors';
import type { SeedOrigin } from './file-header';
import { checkHeaderText, percentDecode, percentEncode } from './names';

/** Percent-encoded, a server has at most this many characters: a line of pairs has a limit. */
const SERVER_LENGTH_MAX = 800;

const SOURCE = /^[a-z][a-z-]{0,31}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Returns what a `# CERES-SEED` line says. @throws LineProtocolError `INVALID_VALUE` or `INVALID_NAME` */
export function formatSeed({ source, server, takenMs }: SeedOrigin): string {
  if (!SOURCE.test(source)) {
    const expected = 'expected the source of a seed to be a word in lower case';
    throw new LineProtocolError('INVALID_VALUE', `${expected}, got ${JSON.stringify(source)}`);
  }
  const taken = new Date(takenMs);
  if (Number.isNaN(taken.getTime()) || !TIME.test(taken.toISOString())) {
    const expected = 'expected the time of a seed in milliseconds since the epoch';
    throw new LineProtocolError('INVALID_VALUE', `${expected}, got ${takenMs}`);
  }
  const words = server === undefined ? '' : ` server=${encodedServer(checkHeaderText('server of a seed', server))}`;
  return `source=${source}${words} taken=${taken.toISOString()}`;
}

/** Returns what the pairs of a `# CERES-SEED` line say; `undefined` if they lack what every one says. */
export function parseSeed(pairs: ReadonlyMap<string, string>): SeedOrigin | undefined {
  const [source = '', server, taken = ''] = [pairs.get('source'), pairs.get('server'), pairs.get('taken')];
  const takenMs = TIME.test(taken) ? Date.parse(taken) : Number.NaN;
  if (!SOURCE.test(source) || Number.isNaN(takenMs)) return undefined;
  try {
    return { source, ...(server !== undefined && { server: percentDecode(server) }), takenMs };
  } catch {
    return undefined; // not percent-encoded text
  }
}

function encodedServer(server: string): string {
  const encoded = percentEncode(server);
  if (encoded.length <= SERVER_LENGTH_MAX) return encoded;
  let kept = '';
  for (const character of server) {
    const next = percentEncode(character);
    if (kept.length + next.length > SERVER_LENGTH_MAX) break;
    kept += next;
  }
  return `${kept}${percentEncode('…')}`;
}

import { randomFrom } from './random';

export interface TelegrafOptions {
  readonly lines: number;
  /** The number of series that take turns. The benches of restore use 2,000 and 50,000. */
  readonly series: number;
  /** Default: 1. */
  readonly seed?: number;
  /** The time of the first round, in seconds since the epoch; each round is 10 s later. Default: 2024-01-01T00:00:00Z. */
  readonly startSeconds?: number;
}

const regions = ['eu-central-1', 'eu-west-1', 'us-east-1', 'ap-south-1'];
const intervalSeconds = 10;
const cpusPerHost = 8;

/**
 * Generates what Telegraf's cpu input sends, at precision `s`: lines of about 290 bytes with 5 tags and 10 float fields,
 * each ending in LF. Line i belongs to series i mod `series`, so that no pair of series and timestamp comes twice.
 */
export function* telegrafLines(options: TelegrafOptions): Generator<string> {
  const { lines, series, seed = 1, startSeconds = Date.UTC(2024, 0, 1) / 1000 } = options;
  const random = randomFrom(seed);
  const keys = Array.from({ length: series }, (_, index) => seriesKey(index));
  for (let line = 0; line < lines; line += 1) {
    const seconds = startSeconds + Math.floor(line / series) * intervalSeconds;
    const percent = () => (Math.floor(random() * 1_000_000) / 10_000).toString();
    yield `${keys[line % series]} usage_guest=0,usage_guest_nice=0,usage_idle=${percent()},usage_iowait=${percent()},usage_irq=${percent()},usage_nice=0,usage_softirq=${percent()},usage_steal=0,usage_system=${percent()},usage_user=${percent()} ${seconds}\n`;
  }
}

function seriesKey(index: number): string {
  const host = Math.floor(index / cpusPerHost);
  const region = regions[host % regions.length];
  const name = `node-${String(host).padStart(5, '0')}.${region}.example.com`;
  return `cpu,cpu=cpu${index % cpusPerHost},host=${name},rack=r${host % 40},region=${region},service=ingest`;
}

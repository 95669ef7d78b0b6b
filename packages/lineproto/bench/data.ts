import type { Point } from '@ceres/lineproto';
import { randomFrom } from '@ceres/testkit';

/** A point as each of the clients wants it. It is made once, so that a bench measures encoding alone. */
export interface TelemetryPoint extends Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | boolean | string>>;
  readonly timestamp: Date;
}

const STRINGS = [
  'ok',
  'started',
  'door "north" open',
  'C:\\logs\\today',
  'first line\nsecond line',
  'temperature high, fan on',
  'é ☃',
];

/**
 * Makes points of devices that report by turns every 10 s: 5 tags, 10 fields; 5 % of the fields are strings, some with quotes,
 * escapes and newlines.
 */
export function telemetry(count: number, seed: number): TelemetryPoint[] {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const decimals = (digits: number) => Math.round(random() * 100 * 10 ** digits) / 10 ** digits;
  const devices = Array.from({ length: 1_000 }, (_, i) => ({
    device: asReceived(`device-${String(i).padStart(5, '0')}`),
    firmware: `2.${i % 7}.${i % 13}`,
    line: `line ${i % 12}`,
    region: ['eu-central-1', 'us-east-1', 'ap-south-1'][i % 3] ?? '',
    site: `plant-${i % 40}`,
  }));
  return Array.from({ length: count }, (_, i) => ({
    measurement: i % 3 === 0 ? 'power_supply' : 'environment',
    tags: { ...(devices[i % devices.length] ?? {}) },
    fields: {
      temperature: decimals(2),
      humidity: decimals(1),
      pressure: 900 + decimals(3),
      voltage: decimals(4),
      current: random(),
      cycles: below(1e6),
      uptime: below(1e9),
      running: random() < 0.5,
      load: decimals(2),
      ...(i % 2 === 0 ? { status: STRINGS[below(STRINGS.length)] ?? '' } : { errors: below(10) }),
    },
    timestamp: new Date(1_700_000_000_000 + Math.floor(i / devices.length) * 10_000),
  }));
}

/**
 * Makes points whose series come in no order, so that consecutive points share little, with floats of 17 digits: most of the
 * time goes into these digits.
 */
export function hard(count: number, seed: number): TelemetryPoint[] {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const series = Array.from({ length: 10_000 }, (_, i) => ({
    building: asReceived(`building-${below(100)}`),
    floor: `${below(40)}`,
    meter: asReceived(`m-${below(2 ** 32).toString(36)}-${i}`),
    tenant: `tenant-${below(500)}`,
  }));
  return Array.from({ length: count }, (_, i) => ({
    measurement: 'energy',
    tags: { ...(series[below(series.length)] ?? {}) },
    fields: { active: random() * 1e3, apparent: random() * 1e3, reactive: random() },
    timestamp: new Date(1_700_000_000_000 + i * 1_000),
  }));
}

/** Returns a text as it comes from a request's body: in one piece. V8 keeps a concatenation as a tree. */
function asReceived(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

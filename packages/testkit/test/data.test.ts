import { describe, expect, it } from 'vitest';
import { telegrafLines, telemetryPoints } from '../src/index';

describe('telegrafLines', () => {
  const lines = [...telegrafLines({ lines: 5_000, series: 2_000 })];

  it('generates lines of about 290 bytes', () => {
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    expect(bytes / lines.length).toBeGreaterThan(270);
    expect(bytes / lines.length).toBeLessThan(310);
  });

  it('generates the requested number of series, and no pair of series and timestamp twice', () => {
    expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBe(2_000);
    expect(new Set(lines.map((line) => line.replace(/ .* /, ' '))).size).toBe(5_000);
  });

  it('generates the same lines for the same seed, and other lines for another seed', () => {
    expect([...telegrafLines({ lines: 5_000, series: 2_000 })]).toEqual(lines);
    expect([...telegrafLines({ lines: 10, series: 2_000, seed: 2 })]).not.toEqual(lines.slice(0, 10));
  });
});

describe('telemetryPoints', () => {
  it('makes one field in twenty a string, some with quotes, backslashes and newlines', () => {
    const values = [...telemetryPoints({ points: 4_000, devices: 50 })].flatMap((point) => Object.values(point.fields));
    const strings = values.filter((value) => typeof value === 'string');
    expect(strings.length / values.length).toBeCloseTo(0.05, 2);
    for (const character of ['"', '\\', '\n']) expect(strings.some((text) => text.includes(character))).toBe(true);
  });
});

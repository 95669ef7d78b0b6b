import { expect } from 'vitest';
import type { Said } from '../../campaign/model/read-ledger';

/** Expects each heartbeat to name the one before it. */
export function expectChain(heartbeats: readonly Said[]): void {
  const ids = heartbeats.map(({ statement }) => statement.id);
  expect(heartbeats.map(({ statement }) => statement.previous)).toStrictEqual([undefined, ...ids.slice(0, -1)]);
}

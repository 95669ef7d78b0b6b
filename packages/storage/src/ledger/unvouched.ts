import type { ObjectInfo } from '../contract';
import { formatPrefix, type KeyParts } from '../keys/format-key';
import type { UnvouchedFiles } from './findings';
import type { SinkLedger } from './read/sink-ledger';

/** A heartbeat reaches the storage this long after it was made at the most; what is stored in between is not in it. */
const puttingMs = 120_000;

/** Knows from which moment on a file need not be named yet: when its sink said something for the last time. */
export class Expectations {
  readonly #lastMs = new Map<string, number>();

  constructor(sinks: readonly SinkLedger[], retired: ReadonlySet<string>) {
    for (const ledger of sinks) {
      const state = ledger.state();
      if (state === undefined) continue;
      const isOver = state.isClosed || retired.has(ledger.sink);
      const lastMs = isOver ? Infinity : state.lastMs;
      this.#lastMs.set(ledger.instance, Math.min(lastMs, this.#lastMs.get(ledger.instance) ?? Infinity));
    }
  }

  /** Returns whether any sink keeps a ledger for this instance. */
  hasLedger(instance: string): boolean {
    return this.#lastMs.has(instance);
  }

  /** Returns whether a sink may still name the file in its next heartbeat. */
  mayFollow({ createdMs }: ObjectInfo, instance: string): boolean {
    return createdMs + puttingMs >= (this.#lastMs.get(instance) ?? Infinity);
  }
}

/** Returns whether the file was stored so late that the sink that stored it may have said so while ledgers were read. */
export function isNew({ createdMs }: ObjectInfo, nowMs: number): boolean {
  return createdMs + puttingMs >= nowMs;
}

/** Counts files that no ledger names, by partition. */
export class Unvouched {
  readonly #byPrefix = new Map<string, UnvouchedFiles>();

  add({ day, id: _, ...partition }: KeyParts): void {
    const prefix = formatPrefix(partition);
    const before = this.#byPrefix.get(prefix);
    const [firstDay, lastDay] =
      before === undefined ? [day, day] : [min(before.firstDay, day), max(before.lastDay, day)];
    // The first day and the number are not part of the name: old files expire.
    const name = `unvouched/${prefix}${lastDay}`;
    this.#byPrefix.set(prefix, {
      kind: 'unvouched',
      name,
      partition,
      files: (before?.files ?? 0) + 1,
      firstDay,
      lastDay,
    });
  }

  findings(): UnvouchedFiles[] {
    return [...this.#byPrefix.values()];
  }
}

function min(a: string, b: string): string {
  return a < b ? a : b;
}

function max(a: string, b: string): string {
  return a > b ? a : b;
}

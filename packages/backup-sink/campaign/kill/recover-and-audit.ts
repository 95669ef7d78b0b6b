import { join } from 'node:path';
import { BackupSink } from '@ceres/backup-sink';
import { LocalStorage, readObject } from '@ceres/storage';
import { type Audit, audit } from '../model/oracle';
import { auditLedger, readerOf, readLedger } from '../model/read-ledger';
import type { Written } from '../model/written';

/** What the bucket holds, and what its heartbeats say of it. */
export interface LedgerAudit extends Audit {
  readonly storedFiles: number;
  /** The files that are stored and not named, or named and not stored so. */
  readonly ledgerFaults: number;
}

/**
 * Opens the spool that a process left, stores everything in it, and compares the bucket with what was written.
 *
 * @param wasDisplaced a displaced owner uses up numbers of files that it never writes, so gaps in them are not looked for
 */
export async function recoverAndAudit(
  directory: string,
  written: readonly Written[],
  wasDisplaced: boolean,
): Promise<LedgerAudit> {
  const storage = new LocalStorage(join(directory, 'bucket'));
  const sink = await BackupSink.open({ storage, spoolDir: join(directory, 'spool'), precision: 'ns' });
  await sink.flush();
  await sink.close();
  const objects = new Map<string, Buffer>();
  for await (const { key } of storage.list('')) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readObject(storage, key)) chunks.push(chunk);
    objects.set(key, Buffer.concat(chunks));
  }
  const found = await audit(objects, written, wasDisplaced);
  const ledger = await readLedger(readerOf(objects));
  const faults = auditLedger(ledger, false);
  const violations = [...found.violations, ...faults];
  return { ...found, violations, storedFiles: ledger.files.size, ledgerFaults: faults.length };
}

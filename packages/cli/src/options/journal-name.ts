import { createHash } from 'node:crypto';
import type { RestorePlan } from '@ceres/restore';
import type { ServerOptions } from './server';

/**
 * Returns the name of a restore's journal. It belongs to what is restored and where: the storage, the plan, the server, and the names and the
 * precision there. So the same command finds its journal again, and another one never finds it.
 */
export function journalName(storage: URL, { id }: RestorePlan, { to, mapDb, mapRp, precision }: ServerOptions): string {
  const names = [mapDb, mapRp].map((map = {}) => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
  const urls = [storage, to].map(({ href }) => href.replace(/\/$/, ''));
  const identity = JSON.stringify([...urls, id, ...names, precision ?? '']);
  return `restore-${createHash('sha256').update(identity).digest('hex').slice(0, 12)}.journal`;
}

import type { SeedReport } from '@ceres/seed';
import type { Terminal } from '../../terminal';
import { hasOption, type NextCommand, otherCommand, placeholder } from './next-command';

/** The source of a seed, and the HTTP API of its server: an `http://` source is both. */
export interface SeededFrom {
  readonly source: string;
  readonly influx?: URL;
}

/** Returns what to type after a seed: first what proves it and shows what it lacks, then the comparison with the server. */
export function afterSeed(
  terminal: Terminal,
  { isProven, losses }: Pick<SeedReport, 'isProven' | 'losses'>,
  { source, influx }: SeededFrom,
): readonly NextCommand[] {
  const next: NextCommand[] = [];
  if (!isProven) {
    next.push({
      to: 'prove it with a credential that can read the files',
      command: otherCommand(terminal, 'check'),
    });
  }
  if (losses.length > 0) {
    next.push({ to: 'see what of it is in the quarantine', command: otherCommand(terminal, 'ls') });
  }
  const url = influx?.href ?? (/^https?:/i.test(source) ? source : undefined);
  const to = url === undefined ? placeholder : ['--to', url.replace(/\/$/, '')];
  // Of newer values, some are still in the spools of services that run.
  const until = hasOption(terminal, '--until') ? [] : ['--until', '-1h'];
  const command = otherCommand(terminal, 'verify', [...to, '--level', 'content', ...until], ['--precision']);
  next.push({ to: 'compare the server with the backup', command });
  return next;
}

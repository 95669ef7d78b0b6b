import type { BackupStatus } from '@ceres/restore';
import type { Terminal } from '../../terminal';
import { hasOption, type NextCommand, otherCommand, placeholder } from './next-command';

/** Returns what to type after a status, if it is that of one instance. */
export function afterStatus(terminal: Terminal, { instances, isGood }: BackupStatus): readonly NextCommand[] {
  const [only, ...others] = instances;
  if (only === undefined || others.length > 0) return [];
  const instance = hasOption(terminal, '--instance') ? [] : ['--instance', only.instance];
  const kinds = new Set(only.findings.map(({ kind }) => kind));
  // No file says what a sink has not stored.
  if (!isGood && kinds.size > 0 && [...kinds].every((kind) => kind === 'silent' || kind === 'late')) {
    const to = 'see whether everything is stored, once the service runs on its spool';
    return [{ to, command: otherCommand(terminal, 'status', instance) }];
  }
  if (!isGood) return [{ to: 'read every file', command: otherCommand(terminal, 'check', instance) }];
  const command = otherCommand(terminal, 'verify', [...instance, ...placeholder]);
  return [{ to: 'compare a server with the backup', command }];
}

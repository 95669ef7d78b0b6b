import type { FileFinding, RestoreReport, Verdict } from '@ceres/restore';
import type { Terminal } from '../../terminal';
import { hasOption, type NextCommand, otherCommand, placeholder, sameCommand } from './next-command';

/** Returns what to type after the files were checked. */
export function afterCheck(terminal: Terminal, { equal, findings }: Verdict): readonly NextCommand[] {
  if (equal) {
    const command = otherCommand(terminal, 'restore', [...placeholder, '--dry-run']);
    return [{ to: 'see what a restore would do', command }];
  }
  if (!findings.some(isInFile)) {
    const command = otherCommand(terminal, 'restore', [...placeholder, '--dry-run']);
    return [{ to: 'see what can be restored all the same', command }];
  }
  const command = otherCommand(terminal, 'restore', [...placeholder, '--salvage-damaged', 'salvage']);
  return [{ to: 'restore all the rest, and write what can be read of the damaged files to ./salvage', command }];
}

function isInFile({ key, problem }: FileFinding): boolean {
  return key !== undefined && problem !== 'unsealed' && problem !== 'missing';
}

/** The folders of a restore that deal with damaged files. */
export interface SalvageFolders {
  readonly salvageDamaged?: string;
  readonly includeSalvaged?: string;
}

/** Returns what to type after a restore. */
export function afterRestore(
  terminal: Terminal,
  { damagedFiles, rejected }: Pick<RestoreReport, 'damagedFiles' | 'rejected'>,
  { salvageDamaged: folder, includeSalvaged }: SalvageFolders,
): readonly NextCommand[] {
  if (!damagedFiles.some(isInFile) || includeSalvaged !== undefined) {
    // A comparison would only propose the same restore again.
    if (rejected > 0 && hasOption(terminal, '--into-existing')) {
      return [{ to: 'see what keeps these lines out', command: otherCommand(terminal, 'diagnose') }];
    }
    return [{ to: 'compare the server with the backup', command: otherCommand(terminal, 'verify') }];
  }
  if (folder === undefined) {
    const command = sameCommand(terminal, ['--yes'], ['--salvage-damaged', 'salvage']);
    return [{ to: 'write what can be read of the damaged files to ./salvage', command }];
  }
  const command = sameCommand(terminal, ['--yes', '--salvage-damaged'], ['--include-salvaged', folder]);
  return [{ to: `send what ${folder} holds, once you have looked at it`, command }];
}

/** Returns what to type after a dry run. */
export function afterDryRun(terminal: Terminal): readonly NextCommand[] {
  return [{ to: 'do it', command: sameCommand(terminal, ['--dry-run']) }];
}

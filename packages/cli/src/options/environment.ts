import { type Command, InvalidArgumentError } from 'commander';
import type { Terminal } from '../terminal';
import { choosePackages } from './storage-packages';
import { parseStorageUrl } from './storage-url';

/** The commands that work on one instance. */
const onOneInstance = new WeakSet<Command>();

/** The options with which a command works on no backup. */
const withoutBackup = new WeakMap<Command, string>();

/** Says that a command needs no backup, and no instance, if it is given an option. */
export function needsNoBackupWith(command: Command, option: string): Command {
  withoutBackup.set(command, option);
  return command;
}

/** Adds the option for the one instance that a command works on. */
export function withOneInstance(command: Command): Command {
  onOneInstance.add(command);
  return command.option(
    '--instance <name>',
    'the InfluxDB server that was backed up (default: CERES_INSTANCE, or the only one that the backup has)',
  );
}

/**
 * Fills in what a command line leaves out, before the command runs: the backup from `CERES_STORAGE`, the instance from `CERES_INSTANCE`,
 * or else the only instance that the backup has.
 *
 * @throws CliError `INVALID_OPTIONS`, if there is more than one; RestoreError `NO_FILES`, if there is none
 */
export async function fillIn(command: Command, terminal: Terminal): Promise<void> {
  const { CERES_STORAGE: storage, CERES_INSTANCE: instance } = terminal.env;
  choosePackages(terminal, command.getOptionValue('storagePackage') ?? []);
  if (command.getOptionValue(withoutBackup.get(command) ?? '') !== undefined) return;
  if (command.registeredArguments[0]?.name() === 'storage-url')
    command.processedArgs[0] ??= storageOf(command, storage);
  if (!command.options.some(({ long }) => long === '--instance') || command.getOptionValue('instance') !== undefined) {
    return;
  }
  if (instance) command.setOptionValueWithSource('instance', instance, 'env');
  else if (onOneInstance.has(command)) {
    const { onlyInstance } = await import('../actions/only-instance');
    command.setOptionValueWithSource('instance', await onlyInstance(command.processedArgs[0], terminal), 'default');
  }
}

function storageOf(command: Command, storage: string | undefined): URL {
  if (!storage) command.error("error: missing required argument 'storage-url'. Give it, or set CERES_STORAGE.");
  try {
    return parseStorageUrl(storage);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    command.error(`error: CERES_STORAGE is '${storage}'. ${error.message}`);
  }
}

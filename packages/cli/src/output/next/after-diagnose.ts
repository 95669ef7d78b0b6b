import type { Cure, Diagnosis } from '@ceres/restore';
import type { Terminal } from '../../terminal';
import { type NextCommand, otherCommand, placeholder, sameCommand } from './next-command';

/** Returns the command that cures each disaster. The same command is named once. */
export function afterDiagnose(terminal: Terminal, { disasters, unjudged }: Diagnosis): readonly NextCommand[] {
  const next = disasters.map(({ cure }) => cureOf(terminal, cure));
  if (next.length === 0 && unjudged.length > 0) {
    const command = sameCommand(terminal, ['--wait'], ['--wait', '15m']);
    next.push({ to: 'wait until the sinks have stored what they hold, and look again', command });
  }
  return next.filter((one, i) => next.findIndex(({ command }) => command === one.command) === i);
}

function cureOf(terminal: Terminal, cure: Cure): NextCommand {
  switch (cure.action) {
    case 'restore': {
      const { databases = [], retentionPolicies = [], measurements = [], intoExisting, salvage } = cure;
      const add = [
        ...databases.flatMap((name) => ['--db', name]),
        ...retentionPolicies.flatMap((name) => ['--policy', name]),
        ...measurements.flatMap((name) => ['--measurement', name]),
        ...(intoExisting ? ['--into-existing'] : []),
        ...(salvage ? ['--salvage-damaged', 'salvage'] : []),
      ];
      const to = salvage
        ? 'restore what is whole, and write what can be read of the rest'
        : 'bring back what is missing';
      return { to, command: otherCommand(terminal, 'restore', add, databases.length > 0 ? ['--db'] : []) };
    }
    case 'wipe': {
      const add = [...cure.databases.flatMap((name) => ['--db', name]), '--wipe'];
      const to = 'drop what the database holds, and restore it';
      return { to, command: otherCommand(terminal, 'restore', add, ['--db']) };
    }
    case 'heal': {
      const add = cure.databases.flatMap((name) => ['--db', name]);
      return { to: 'write what is missing or different', command: otherCommand(terminal, 'heal', add, ['--db']) };
    }
    case 'seed again': {
      const add = (cure.databases ?? []).flatMap((name) => ['--db', name]);
      return { to: 'copy the database into the backup once more', command: seedAgain(terminal, add) };
    }
    case 'check':
      return { to: 'read every file of the backup', command: otherCommand(terminal, 'check') };
    case 'start the sink': {
      const to = 'see whether everything is stored, once the service runs again on its spool';
      return { to, command: otherCommand(terminal, 'status') };
    }
    case 'check the server': {
      const to = 'look at the server that you mean, once it runs';
      return { to, command: sameCommand(terminal, ['--to'], placeholder) };
    }
  }
}

function seedAgain(terminal: Terminal, add: readonly string[]): string {
  const { argv } = terminal;
  const at = argv.indexOf('--snapshot');
  const given =
    at < 0 ? argv.find((word) => word.startsWith('--snapshot='))?.slice('--snapshot='.length) : argv[at + 1];
  return otherCommand(terminal, 'seed', [...add, '--source', given ?? 'tcp://127.0.0.1:8088', '--again'], ['--db']);
}

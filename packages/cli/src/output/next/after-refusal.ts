import type { GoOn } from '@ceres/restore';
import { hasCode } from '../../errors';
import type { Terminal } from '../../terminal';
import { type NextCommand, sameCommand } from './next-command';

/** Returns the command that goes on after a refusal, if what refuses it can be known to an operator: all of it at once. */
export function afterRefusal(terminal: Terminal, error: unknown): NextCommand | undefined {
  if (!hasCode(error) || error.code !== 'HEAL_REFUSED' || !('goOn' in error)) return undefined;
  const { accept = [], largeDamage } = error.goOn as GoOn;
  const add = [...accept.flatMap((name) => ['--accept', name]), ...(largeDamage ? ['--large-damage'] : [])];
  return { to: 'go on', command: sameCommand(terminal, [], add) };
}

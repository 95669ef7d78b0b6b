import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decodeFile, LineProtocolError } from '@ceres/lineproto';
import { planRestore, type RestorePlan, type Selection } from '@ceres/restore';
import { parseKey, readObject } from '@ceres/storage';
import { exitCodes } from '../../exit-codes';
import { type SelectionOptions, toSelection } from '../../options/selection';
import { isBrokenPipe } from '../../output/broken-pipe';
import { escapeLines } from '../../output/escape';
import { formatCountOf } from '../../output/format';
import { printError, type Terminal } from '../../terminal';

const batch = { batchBytesMax: 1024 * 1024, batchLinesMax: 10_000 };

export async function runCat(url: URL, options: SelectionOptions, terminal: Terminal): Promise<number> {
  const selection = await toSelection(url, options, terminal);
  const plan = await planRestore(selection);
  let exitCode: number = exitCodes.done;
  const lines = readLines(selection, plan, terminal, () => {
    exitCode = exitCodes.found;
  });
  try {
    const printed = terminal.stdout.isTTY === true ? shown(lines) : lines; // exact bytes for a pipe or a file
    await pipeline(Readable.from(printed), terminal.stdout, { end: false, signal: terminal.signal });
  } catch (error) {
    // `ceres cat … | head` closes our stdout early, which is not a failure.
    if (!isBrokenPipe(error)) throw error;
  }
  return exitCode;
}

/** Yields the lines as a person can look at them: a name or a text in them may hold what a terminal acts on. */
async function* shown(batches: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  for await (const bytes of batches) yield escapeLines(Buffer.from(bytes).toString('utf8'));
}

async function* readLines(
  { storage, retentionPolicies }: Selection,
  plan: RestorePlan,
  terminal: Terminal,
  onDamage: () => void,
): AsyncIterable<Uint8Array> {
  for await (const { key } of plan.list()) {
    const place = parseKey(key);
    const gz = readObject(storage, key, { signal: terminal.signal });
    const file = decodeFile(gz, { ...batch, ...(place && { place }) });
    try {
      // Only a mixed file says it of its lines; others were selected by their names.
      for await (const { bytes, retentionPolicy } of file) {
        if (retentionPolicy === undefined || (retentionPolicies?.includes(retentionPolicy) ?? true)) yield bytes;
      }
    } catch (error) {
      if (!(error instanceof LineProtocolError)) throw error;
      printError(terminal, `${key}: left out (${error.message})`);
      onDamage();
      continue;
    }
    const integrity = await file.integrity;
    if (integrity.status === 'sealed') continue;
    const reason = integrity.status === 'corrupt' ? integrity.reason : 'no footer: an older system made it';
    printError(terminal, `${key}: ${integrity.status} after ${formatCountOf(integrity.lines, 'line')} (${reason})`);
    if (integrity.status === 'corrupt') onDamage();
  }
}

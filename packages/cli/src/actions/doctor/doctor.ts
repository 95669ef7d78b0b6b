import { CliError } from '../../errors';
import { exitCodes } from '../../exit-codes';
import { loadDoctor } from '../../options/storage-packages';
import { openAdapter } from '../../options/storage-url';
import { printDoctor } from '../../output/results/doctor';
import { printJson, type Terminal } from '../../terminal';
import { findingKinds, type Place } from './judge';
import { observe } from './observe';
import { policyCommandFor, reportOf } from './report';

export interface DoctorOptions {
  readonly reader?: true;
  readonly accept?: readonly string[];
  readonly json?: true;
}

export async function runDoctor(url: URL, options: DoctorOptions, terminal: Terminal): Promise<number> {
  const { accept = [] } = options;
  const unknown = accept.find((kind) => !findingKinds.some((known) => known === kind));
  if (unknown !== undefined) {
    const message = `Expected --accept to be one of ${findingKinds.join(', ')}; got '${unknown}'.`;
    throw new CliError('INVALID_OPTIONS', message);
  }
  const isFolder = url.protocol === 'file:';
  const role = options.reader ? 'reader' : 'writer';
  const storage = await openAdapter(url, terminal);
  const probe = isFolder ? undefined : (await loadDoctor(url, terminal))?.probeFromUrl(url);
  const seen = await observe({ storage, probe, isFolder, role, signal: terminal.signal });
  const place: Place = { isFolder, role, policyCommand: policyCommandFor(url) };
  const report = reportOf(url, seen, { place, accept, hasProbe: probe !== undefined });
  if (options.json) printJson(terminal, report);
  else printDoctor(terminal, report, seen);
  return report.isGood ? exitCodes.done : exitCodes.found;
}

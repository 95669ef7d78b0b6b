import type { Certificate, CheckedCertificate, Forecast, Verdict } from '@ceres/drill';
import { paint, print, type Style, type Terminal } from '../../../terminal';
import { formatBytes, formatCountOf, formatDuration, formatPolicy } from '../../format';

/** More lines of a kind are counted; the certificate has all. */
const linesShown = 20;

const styles: Readonly<Record<Verdict, Style>> = { PASS: 'green', FAIL: 'red', INCONCLUSIVE: 'yellow' };

/** Prints what a certificate says, the verdict last, since that is what a person looks for. */
export function printCertificate(terminal: Terminal, certificate: Certificate, stored: string | undefined): void {
  const { restored, verified, dataAtRisk, recovery, reasons, versions, machine } = certificate;
  print(terminal, `restored: ${partOf(certificate)}`);
  if (verified !== null) {
    const compared = formatCountOf(verified.points, 'point');
    print(terminal, `compared: ${compared}, every value (${verified.outcome})`);
    for (const { database, retentionPolicy, points, digest } of verified.contents.slice(0, linesShown)) {
      const place = `${database}.${formatPolicy(retentionPolicy)}`;
      print(terminal, `  ${place}: ${formatCountOf(points, 'point')}, digest ${digest.slice(0, 16)}`);
    }
    printRest(terminal, verified.contents.length - linesShown, 'more policy', 'more policies');
  }
  print(terminal, `up to: ${restored.newest}`);
  print(terminal, `at risk: ${riskOf(dataAtRisk)}`);
  if (recovery.seconds !== null) {
    print(terminal, `recovery: ${formatSeconds(recovery.seconds)} by the route '${recovery.route}'`);
  }
  print(terminal, `time to restore everything: ${formatForecast(recovery.forecast)}`);
  print(terminal, `with: InfluxDB ${versions.influxdb ?? 'unknown'}, ${machine.cores} × ${machine.cpu}`);
  if (stored !== undefined) print(terminal, `certificate: ${stored}`);
  for (const reason of reasons.slice(0, linesShown)) print(terminal, `- ${reason}`);
  printRest(terminal, reasons.length - linesShown, 'more reason');
  const { verdict } = certificate;
  const took = `${formatSeconds(certificate.seconds.total)} in all`;
  print(terminal, `${paint(terminal, 'stdout', styles[verdict], verdict)}  (${took})`);
}

/** Prints what a certificate says, and whether it may be believed. */
export function printChecked(terminal: Terminal, { certificate, signedBy, isTrusted }: CheckedCertificate): void {
  print(terminal, `drill of ${certificate.instance}, ${certificate.began}`);
  if (signedBy === undefined) print(terminal, 'not signed: its digest is right, which tells accidents, and no forger');
  else if (isTrusted) print(terminal, `signed by the key that was given (${signedBy})`);
  else print(terminal, `signed by ${signedBy}: is that your key? --public-key compares it`);
  printCertificate(terminal, certificate, undefined);
}

/** Returns a forecast in words: how long, and on what that is based; or why there is none. */
export function formatForecast(forecast: Forecast): string {
  if ('withheld' in forecast) return `unknown, because ${forecast.withheld}`;
  const { seconds, drills, largestShare, newest, cpu, isOtherMachine } = forecast;
  const share = `the largest of ${Math.min(100, Math.round(100 * largestShare))} %`;
  const based = `${formatCountOf(drills, 'drill')}, ${share}, the last on ${newest.slice(0, 10)}`;
  const where = isOtherMachine ? `, all on another machine (${cpu})` : '';
  return `about ${formatSeconds(seconds)} (${based}${where})`;
}

function partOf({ restored, whole }: Certificate): string {
  const { files, bytes, lines, sample } = restored;
  const what = [
    formatCountOf(files, 'file'),
    formatBytes(bytes),
    ...(lines === null ? [] : [formatCountOf(lines, 'line')]),
  ].join(', ');
  if (sample === null) return `everything: ${what}`;
  const { databases, firstDay, lastDay } = sample;
  const share = `${((100 * bytes) / Math.max(1, whole.bytes)).toFixed(1)} %`;
  const names = databases.length <= 3 ? databases.join(', ') : formatCountOf(databases.length, 'database');
  const days = firstDay === null ? '' : `, files of ${dayText(firstDay)} to ${dayText(lastDay ?? firstDay)}`;
  return `${share} (${names}${days}): ${what}`;
}

function riskOf({ storedUpTo, seconds, openFiles, spooledFiles, refusedFiles }: Certificate['dataAtRisk']): string {
  if (storedUpTo === null || seconds === null) return 'unknown, since no sink keeps a ledger';
  const held = openFiles + spooledFiles + refusedFiles;
  const files = held === 0 ? '' : `; ${formatCountOf(held, 'file')} in spools`;
  if (seconds === 0) return `nothing that was acked${files}`;
  return `what was acked in the last ${formatSeconds(seconds)}, since ${storedUpTo.slice(0, 19)}Z${files}`;
}

function printRest(terminal: Terminal, count: number, one: string, many?: string): void {
  if (count > 0) print(terminal, `and ${formatCountOf(count, one, many)}: see them with --json`);
}

/** Returns a time with a decimal below a minute, since a small backup is back in less than a second. */
function formatSeconds(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : formatDuration(seconds * 1_000);
}

function dayText(day: string): string {
  return `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
}

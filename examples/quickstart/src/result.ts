import type { Verdict } from '@ceres/restore';
import { printStep, printTable } from './output';

export interface Result {
  /** Points by database. */
  readonly written: ReadonlyMap<string, number>;
  readonly restored: ReadonlyMap<string, number>;
  readonly verdict: Verdict;
  readonly lostSeconds: number;
  readonly recoverySeconds: number;
  readonly backupDir: string;
}

export function printResult({ written, restored, verdict, lostSeconds, recoverySeconds, backupDir }: Result): void {
  printStep('Result');
  printTable(
    ['database', 'points written', 'points restored', 'verdict'],
    [...written].map(([database, points]) => [
      database,
      points,
      restored.get(database) ?? 0,
      verdictOf(verdict, database),
    ]),
  );
  console.log(`
  seconds of data lost   ${lostSeconds.toFixed(1)}   from the newest acked point to the newest restored one
  seconds to recover     ${recoverySeconds.toFixed(1)}   start an empty server, restore, verify

The backup is in ${backupDir}.
InfluxDB's own tool also restores it, into a server that has these databases and policies:

  for f in $(find ${backupDir} -name '*.gz' -not -path '${backupDir}/~*' | awk -F/ '{print $NF, $0}' | sort | cut -d' ' -f2-); do
    influx -import -compressed -path=$f -precision=s
  done
`);
}

function verdictOf({ mismatches }: Verdict, database: string): string {
  const differences = mismatches.filter((mismatch) => mismatch.database === database).length;
  return differences === 0 ? 'equal' : `${differences} differences`;
}

#!/usr/bin/env node
import { exitCodeOfSignal, exitCodes } from './exit-codes';
import { outliveReader } from './output/broken-pipe';
import { run } from './run';
import { yieldToOthers } from './yield-to-others';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second signal ends the process at once: what is on disk is enough to resume from.
    if (interruption.signal.aborted) process.exit(exitCodeOfSignal(interruption.signal));
    interruption.abort(new Error(signal));
  });
}

for (const output of [process.stdout, process.stderr]) {
  outliveReader(output, () => process.exit(exitCodes.failed));
}

run({
  argv: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interruption.signal,
  yieldToOthers,
}).then((exitCode) => {
  process.exitCode = exitCode;
});

import { setTimeout as pause } from 'node:timers/promises';
import { timerMsMax } from '@ceres/internal';
import {
  type ServerEvent,
  type StepProgress,
  type WatchEvent,
  type WatchOptions,
  type WatchReport,
  watch,
} from '@ceres/restore';
import { describeError, hasCode } from '../../errors';
import { exitCodeOfSignal, exitCodes } from '../../exit-codes';
import { toSelection } from '../../options/selection';
import { type ServerOptions, toServerOptions } from '../../options/server';
import { onlyGiven } from '../../options/values';
import { writeMetrics } from '../../output/metrics/metrics-file';
import { watchMetrics } from '../../output/metrics/watch-metrics';
import { serverSentence, stepState } from '../../output/progress/states';
import { statusLine } from '../../output/progress/status-line';
import { printWatch } from '../../output/results/look/watch';
import { printError, printJson, type Terminal } from '../../terminal';

export interface WatchCommandOptions extends ServerOptions {
  readonly instance: string;
  readonly db?: readonly string[];
  readonly keep?: number;
  readonly retired?: readonly string[];
  readonly stateFile: string;
  readonly period?: number;
  readonly every?: number;
  readonly snapshot?: string;
  readonly grace?: number;
  readonly accept?: readonly string[];
  readonly patience?: number;
  readonly wait?: number;
  readonly load?: number;
  readonly threads?: number;
  readonly scratchDir?: string;
  readonly metrics?: string;
  readonly json?: true;
}

export async function runWatch(url: URL, options: WatchCommandOptions, terminal: Terminal): Promise<number> {
  // The live database has the processors first.
  terminal.yieldToOthers?.();
  const { every } = options;
  if (every === undefined) return await runOnce(url, options, terminal);
  for (;;) {
    const beganMs = performance.now();
    try {
      await runOnce(url, options, terminal);
    } catch (error) {
      if (terminal.signal.aborted) break;
      // What is wrong with the options is wrong in every run.
      if (hasCode(error) && error.code === 'INVALID_OPTIONS') throw error;
      printError(terminal, `ceres: ${describeError(error)}`);
    }
    try {
      const restMs = every - (performance.now() - beganMs);
      await pause(Math.min(timerMsMax, Math.max(0, restMs)), undefined, { signal: terminal.signal });
    } catch {
      break; // it is to end
    }
  }
  return exitCodeOfSignal(terminal.signal);
}

async function runOnce(url: URL, options: WatchCommandOptions, terminal: Terminal): Promise<number> {
  const { json, to, metrics, instance } = options;
  const line = statusLine(terminal);
  let report: WatchReport;
  try {
    report = await watch(
      onlyGiven<WatchOptions>({
        ...(await toSelection(url, options, terminal)),
        ...toServerOptions(options, terminal.env),
        stateFile: options.stateFile,
        periodMs: options.period,
        graceMs: options.grace,
        snapshot: options.snapshot,
        accept: options.accept,
        patienceMs: options.patience,
        waitMs: options.wait,
        load: options.load,
        threads: options.threads,
        scratchDir: options.scratchDir,
        onEvent: json ? (event: WatchEvent) => printJson(terminal, event) : undefined,
        onProgress: json ? undefined : (progress: StepProgress) => line.show(...stepState(progress)),
        onServer: (event: ServerEvent) => line.say(serverSentence(event, to.host)),
      }),
    );
  } catch (error) {
    // The metrics of a run that failed must not look like those of the last good one.
    if (metrics !== undefined && !terminal.signal.aborted) {
      await writeMetrics(metrics, watchMetrics({ instance, failedMs: Date.now() })).catch((unwritable: unknown) => {
        // Both are said: that the metrics cannot be written does not explain why the run failed.
        printError(terminal, `ceres: ${describeError(unwritable)}`);
      });
    }
    throw error;
  } finally {
    line.end();
  }
  if (metrics !== undefined) await writeMetrics(metrics, watchMetrics(report));
  if (!json) printWatch(terminal, report);
  return exitCodeOf(report);
}

function exitCodeOf({ outcome }: WatchReport): number {
  return { GOOD: exitCodes.done, FOUND: exitCodes.found, UNJUDGED: exitCodes.unjudged }[outcome];
}

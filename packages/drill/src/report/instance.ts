import type { InstanceStatus, PartitionStatus } from '@ceres/restore';
import { describeFinding } from '@ceres/storage';
import type { ReadCertificates } from '../certificate/read-certificates';
import { type CalendarBudget, calendars } from './calendar';
import { type Coverage, coverageOf } from './coverage';
import { drillTable } from './drills';
import { bytes, count, countOf, duration, utc } from './format';
import { hourChart } from './hours';
import { type Html, html, shownName, shownText } from './html';
import { nextSteps } from './next-steps';

/** What the page shows of one instance. */
export interface ReportedInstance {
  readonly status: InstanceStatus;
  readonly drills: ReadCertificates;
}

export interface PageOptions {
  /** The backup as commands name it. */
  readonly backup: string;
  readonly nowMs: number;
  readonly goalMs: number | undefined;
}

/** More of each are counted, so that the page stays small enough to be read. */
const findingsShown = 20;
const sinksShown = 20;
/** All instances together show no more databases than this. */
const databasesMax = 60;

/** Shows one instance: what is wrong, what to do, and what there is. */
export function instanceSection(
  { status, drills }: ReportedInstance,
  options: PageOptions,
  budget: CalendarBudget,
): Html {
  const { instance, isGood } = status;
  const verdict = isGood ? html`<b class="good">good</b>` : html`<b class="bad">attention</b>`;
  return html`<section>
<h2><bdi>${shownName(instance)}</bdi>: ${verdict}</h2>
${facts(status, drills.certificates, options.nowMs)}
${stepList(status, drills.certificates, options)}
${findingList(status)}
<p class="note"><a href="#shapes">What the shapes mean</a></p>
${databaseSections(status, options.nowMs, budget)}
<h3>Drills</h3>
${drillTable(drills.certificates, options.goalMs)}
${drills.refused.length === 0 ? html`` : html`<p class="bad">${countOf(drills.refused.length, 'certificate')} left out, which cannot be believed: ${shownText(drills.refused[0]?.reason ?? '')}</p>`}
${sinkTable(status.sinks, options.nowMs)}
</section>
`;
}

function facts(
  { storedUpToMs, sinks, partitions, findings, sequenceGaps }: InstanceStatus,
  [last]: ReportedInstance['drills']['certificates'],
  nowMs: number,
): Html {
  const waiting = sinks.reduce((sum, { open, spooled, parked }) => sum + open + spooled + parked, 0);
  const refused = sinks.reduce((sum, { parked }) => sum + parked, 0);
  const risk = storedUpToMs === undefined ? 'unknown' : `the last ${duration(nowMs - storedUpToMs)}`;
  const upTo =
    storedUpToMs === undefined ? 'no ledger says what is stored' : `all acked before ${utc(storedUpToMs)} is stored`;
  const size = partitions.reduce((sum, one) => sum + one.bytes, 0);
  const lines = partitions.reduce((sum, one) => sum + one.lines, 0);
  const drilled = last === undefined ? 'none' : `${last.verdict}, ${duration(nowMs - Date.parse(last.began))} ago`;
  const back = last?.recovery.seconds ?? undefined;
  return html`<ul class="facts">
<li>data at risk<b>${risk}</b><small>${upTo}</small></li>
<li>in spools<b>${countOf(waiting, 'file')}</b><small>${refused === 0 ? 'none refused' : `${count(refused)} refused by the storage`}</small></li>
<li>findings<b>${count(findings.length + sequenceGaps.length)}</b><small>what is missing, late or not vouched for</small></li>
<li>last drill<b>${drilled}</b><small>${back === undefined ? 'no time to restore is known' : `back in ${duration(back * 1000)}`}</small></li>
<li>stored<b>${bytes(size)}</b><small>${countOf(lines, 'record')}, ${countOf(
    partitions.reduce((sum, one) => sum + one.files, 0),
    'file',
  )}</small></li>
</ul>`;
}

function stepList(
  status: InstanceStatus,
  certificates: ReportedInstance['drills']['certificates'],
  options: PageOptions,
): Html {
  const steps = nextSteps(status, certificates, options);
  if (steps.length === 0)
    return html`<h3>What to do next</h3><p>Nothing: all is well, and the last drill is not a week old.</p>`;
  const items = steps.map(
    ({ text, command }) => html`<li>${text}${command === undefined ? html`` : html`<code>${command}</code>`}</li>`,
  );
  return html`<h3>What to do next</h3><ol>${items}</ol>`;
}

function findingList({ findings, sequenceGaps, closed, accepted }: InstanceStatus): Html {
  const texts = [...findings.map(describeFinding), ...sequenceGaps.map(({ reason }) => reason)];
  const known = [
    ...(closed.length === 0 ? [] : [`${countOf(closed.length, 'gap')} closed by a seed`]),
    ...(accepted.length === 0 ? [] : [`${countOf(accepted.length, 'known finding')} accepted`]),
  ];
  const more = texts.length - findingsShown;
  const list = texts.slice(0, findingsShown).map((text) => html`<li><bdi>${shownText(text)}</bdi></li>`);
  const rest = more > 0 ? html`<li>and ${count(more)} more: see them with ceres status --json</li>` : html``;
  return html`${texts.length === 0 ? html`` : html`<h3>What was found</h3><ul>${list}${rest}</ul>`}${known.length === 0 ? html`` : html`<p class="note">${known.join('; ')}</p>`}`;
}

/** Shows the databases, those with the worst days first. */
function databaseSections(status: InstanceStatus, nowMs: number, budget: CalendarBudget): Html {
  const isFull = budget.databases >= databasesMax;
  const coverage = isFull ? [] : coverageOf(status, nowMs);
  const sorted = coverage.toSorted((a, b) => Number(isTroubled(b)) - Number(isTroubled(a)));
  const byDatabase = groupOf(status.partitions);
  const drawn = sorted.slice(0, Math.max(0, databasesMax - budget.databases));
  budget.databases += drawn.length;
  const shown = drawn.map((one) => {
    const partitions = byDatabase.get(one.database) ?? [];
    const policies = partitions.map(({ retentionPolicy, mixed }) =>
      mixed ? '(several)' : retentionPolicy || '(default)',
    );
    const lines = partitions.reduce((sum, partition) => sum + partition.lines, 0);
    return html`<section><h3><bdi>${shownName(one.database)}</bdi></h3>
<p class="note">${partitions.length === 0 ? 'nothing is left of it' : html`<bdi>${shownName(policies.join(', '))}</bdi>: ${countOf(lines, 'record')}, ${bytes(partitions.reduce((sum, partition) => sum + partition.bytes, 0))}`}</p>
<div class="years">${calendars(one, budget)}</div>
${hourChart(partitions, nowMs)}</section>
`;
  });
  const more = (isFull ? byDatabase.size : sorted.length) - drawn.length;
  return html`${shown}${more > 0 ? html`<p>${countOf(more, 'more database')} not shown: see ceres status.</p>` : html``}`;
}

function isTroubled({ states }: Coverage): boolean {
  return states.some((state) => state !== 'none' && state !== 'quiet' && state !== 'stored');
}

function groupOf(partitions: readonly PartitionStatus[]): ReadonlyMap<string, readonly PartitionStatus[]> {
  const groups = new Map<string, PartitionStatus[]>();
  for (const partition of partitions) {
    const group = groups.get(partition.database);
    if (group === undefined) groups.set(partition.database, [partition]);
    else group.push(partition);
  }
  return groups;
}

function sinkTable(sinks: InstanceStatus['sinks'], nowMs: number): Html {
  if (sinks.length === 0) return html`<h3>Sinks</h3><p>No sink keeps a ledger here.</p>`;
  const sorted = sinks.toSorted((a, b) => Number(a.isClosed) - Number(b.isClosed) || a.lastMs - b.lastMs);
  const rows = sorted.slice(0, sinksShown).map(({ sink, lastMs, dueMs, isClosed, open, spooled, parked }) => {
    const heard = `${duration(nowMs - lastMs)} ago`;
    const state = isClosed ? 'closed' : dueMs !== undefined && dueMs + 60_000 < nowMs ? 'silent' : 'runs';
    return html`<tr><th scope="row">${sink}</th><td>${state}</td><td>${heard}</td><td>${count(open + spooled + parked)}</td><td>${count(parked)}</td></tr>`;
  });
  const more = sinks.length - sinksShown;
  return html`<h3>Sinks</h3>
<div class="wide" role="region" aria-label="Sinks" tabindex="0"><table><thead><tr><th scope="col">sink</th><th scope="col">state</th><th scope="col">heartbeat</th><th scope="col">in its spool</th><th scope="col">refused</th></tr></thead><tbody>${rows}</tbody></table></div>${more > 0 ? html`<p>and ${countOf(more, 'other sink')}</p>` : html``}`;
}

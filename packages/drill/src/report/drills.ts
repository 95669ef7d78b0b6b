import type { Certificate } from '../certificate/certificate';
import { duration, utc } from './format';
import { type Html, html, shownText } from './html';

/** More drills are in the certificates. */
export const drillsShown = 10;
/** A goal and times are drawn so that the longest takes this width. */
const width = 200;

/** Shows the last drills, and how long it took to have the data back, against the goal. */
export function drillTable(certificates: readonly Certificate[], goalMs: number | undefined): Html {
  if (certificates.length === 0) {
    return html`<p>No drill has left a certificate here: nothing proves yet that this backup comes back, or how fast.</p>`;
  }
  const shown = certificates.slice(0, drillsShown);
  const longestMs = Math.max(goalMs ?? 0, 1, ...shown.map(({ recovery }) => (recovery.seconds ?? 0) * 1000));
  const rows = shown.map((certificate) => row(certificate, goalMs, longestMs));
  const goal = goalMs === undefined ? html`` : html` The line is the goal, ${duration(goalMs)}.`;
  return html`<p>The newest first, with the time until the data was back.${goal}</p>
<div class="wide" role="region" aria-label="Drills" tabindex="0"><table><thead><tr><th scope="col">drill</th><th scope="col">verdict</th><th scope="col">of</th><th scope="col">time to restore</th><th scope="col">data at risk</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function row(
  { began, verdict, reasons, restored, recovery, dataAtRisk }: Certificate,
  goalMs: number | undefined,
  longestMs: number,
): Html {
  const of = restored.sample === null ? 'everything' : `${restored.sample.percent} %`;
  const risk = dataAtRisk.seconds === null ? 'unknown' : `the last ${duration(dataAtRisk.seconds * 1000)}`;
  const why = reasons.slice(0, 3).map((reason) => html`<br><small>${shownText(reason)}</small>`);
  return html`<tr><th scope="row">${utc(Date.parse(began))}</th><td><b class="${verdict === 'PASS' ? 'good' : 'bad'}">${verdict}</b>${why}</td><td>${of}</td><td>${time(recovery.seconds, goalMs, longestMs)}</td><td>${risk}</td></tr>\n`;
}

function time(seconds: number | null, goalMs: number | undefined, longestMs: number): Html {
  if (seconds === null) return html`not restored`;
  const ms = seconds * 1000;
  const at = (value: number) => Math.max(1, Math.round((value / longestMs) * width));
  const judged = goalMs === undefined ? '' : ms <= goalMs ? ', within the goal' : ', longer than the goal';
  const label = `${duration(ms)}${judged}`;
  const line = goalMs === undefined ? html`` : html`<path class="goal" d="M${at(goalMs)} 0v12"/>`;
  return html`${label}<br><svg class="time" viewBox="0 0 ${width + 2} 12" role="img" aria-label="${label}"><path class="bar" d="M0 6h${at(ms)}"><title>${label}</title></path>${line}</svg>`;
}

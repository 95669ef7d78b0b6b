import { countOf, utc } from './format';
import { Html, html, shownName } from './html';
import { instanceSection, type PageOptions, type ReportedInstance } from './instance';
import { legend, shapeDefinitions } from './shapes';
import { style } from './style';

/** More instances are counted: a page of thousands says nothing at a glance. */
const instancesShown = 50;

/** Returns the whole page. It asks for nothing from a network, has no script, and forbids both. */
export function page(instances: readonly ReportedInstance[], options: PageOptions): Html {
  const { backup, nowMs } = options;
  const attention = instances.filter(({ status }) => !status.isGood);
  const sorted = [...attention, ...instances.filter(({ status }) => status.isGood)];
  const budget = { bytes: 0, databases: 0 };
  const sections = sorted.slice(0, instancesShown).map((one) => instanceSection(one, options, budget));
  const more = sorted.length - instancesShown;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="generator" content="Ceres">
<title>Backup of InfluxDB: ${headline(attention.length, instances.length)}</title>
<style>${styleSheet}</style>
</head>
<body>
${shapeDefinitions()}
<header>
<h1>Backup of InfluxDB</h1>
<p class="verdict"><b class="${attention.length === 0 && instances.length > 0 ? 'good' : 'bad'}">${headline(attention.length, instances.length)}</b></p>
<p class="note">${shownName(backup)}, as of ${utc(nowMs)}</p>
</header>
<main>
${instances.length === 0 ? emptySection() : html``}${sections}
${more > 0 ? html`<p>${countOf(more, 'more instance')} ${more === 1 ? 'is' : 'are'} not shown: name one with --instance.</p>` : html``}
${instances.length === 0 ? html`` : html`<section id="shapes"><h2>What the shapes mean</h2>${legend()}</section>`}
</main>
<footer class="note">Made by ceres report from names, ledgers and certificates alone; it read no file whole. Days and hours are in UTC, by when files were recorded; a seed has the days of its points, and no hours.</footer>
</body>
</html>
`;
}

const styleSheet = new Html(style);

function headline(attention: number, all: number): string {
  if (all === 0) return 'There is no backup here';
  if (attention === 0) return all === 1 ? 'The backup is good' : `All ${all} backups are good`;
  return all === 1 ? 'The backup needs attention' : `${attention} of ${all} backups need attention`;
}

function emptySection(): Html {
  return html`<section><h2>What to do next</h2><p>Found no file of a backup and no ledger. Check the URL and what the credential may read. If nothing is backed up yet, put a sink into the service, and copy what is there:</p><code>ceres seed STORAGE-URL --instance NAME --source tcp://127.0.0.1:8088</code></section>`;
}

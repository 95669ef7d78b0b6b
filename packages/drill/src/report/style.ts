import { dayStates } from './coverage';

const states = dayStates.filter((state) => state !== 'none');

/** Colors that keep apart for people who see red and green alike, and that have a contrast of 3 to 1 and more on the page. */
const light = {
  page: '#fff',
  text: '#1c2128',
  soft: '#57606a',
  line: '#c9d1d9',
  panel: '#f3f5f7',
  good: '#0b6b3a',
  bad: '#b42318',
  stored: '#0072b2',
  quiet: '#6b7480',
  late: '#a35200',
  silent: '#5b3fa8',
  unvouched: '#7a5c00',
  lost: '#b42318',
  damaged: '#8e1f63',
};

const dark: typeof light = {
  page: '#0f1419',
  text: '#e6e9ed',
  soft: '#a5afba',
  line: '#3a444f',
  panel: '#1a2129',
  good: '#5bd08c',
  bad: '#ff8f82',
  stored: '#56b4e9',
  quiet: '#8f9aa6',
  late: '#f0a04b',
  silent: '#b9a3f5',
  unvouched: '#e3c04d',
  lost: '#ff7a6b',
  damaged: '#f08ac6',
};

/** The style sheet of the page. It asks for no font and no picture. */
export const style = `
:root{color-scheme:light dark;${variables(light)}}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
@media print{:root{color-scheme:light;${variables(light)}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:16px;max-width:1240px;background:var(--page);color:var(--text);font:15px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:24px;margin:0}h2{font-size:20px;margin:32px 0 4px}h3{font-size:16px;margin:20px 0 4px}
h2,h3{break-after:avoid}
p{margin:4px 0 8px}small,.note,figcaption,.axis{color:var(--soft);font-size:13px}
.good{color:var(--good)}.bad{color:var(--bad)}
.verdict{font-size:17px}
.facts{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0;padding:0;list-style:none}
.facts li{flex:1 1 170px;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:8px 10px}
.facts b{display:block;font-size:17px}
.legend{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:2px 16px;margin:8px 0;padding:0;list-style:none;font-size:13px}
.legend svg{vertical-align:-2px}
.years{display:flex;flex-wrap:wrap;gap:6px 20px}
figure{margin:0;break-inside:avoid}
.days,.months{flex:1 1 340px;max-width:560px}
.days svg,.months svg{display:block;width:100%;background:var(--panel)}
.days::after{content:'Jan Apr Jul Oct Dec';display:block;text-align-last:justify;color:var(--soft);font-size:11px}
.months svg{height:22px}
.hours svg{display:block;width:100%;height:56px;background:var(--panel)}
.axis{display:flex;justify-content:space-between}
.bars{fill:var(--stored)}
.time{width:202px;height:12px;max-width:100%}
.bar{stroke:var(--stored);stroke-width:8}.goal{stroke:var(--text);stroke-width:2}
${states.map((name) => `.${name}{stroke:url(#${name});stroke-width:1}.ink-${name}{fill:var(--${name})}`).join('\n')}
.shapes{position:absolute}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;overflow-wrap:normal}
th,td{text-align:left;vertical-align:top;padding:4px 10px 4px 0;border-bottom:1px solid var(--line)}
th{font-weight:600}td b{font-weight:600}
tr{break-inside:avoid}
code{display:block;background:var(--panel);border:1px solid var(--line);border-radius:4px;padding:4px 8px;margin:4px 0 8px;font:13px/1.4 ui-monospace,monospace;white-space:pre-wrap}
li{margin:2px 0}a{color:inherit}
footer{margin-top:32px;border-top:1px solid var(--line);padding-top:8px}
@media print{body{padding:0;max-width:none;font-size:11px}.days{flex-basis:300px}.wide{overflow:visible}}
`;

function variables(colors: Readonly<Record<string, string>>): string {
  return Object.entries(colors)
    .map(([name, color]) => `--${name}:${color}`)
    .join(';');
}

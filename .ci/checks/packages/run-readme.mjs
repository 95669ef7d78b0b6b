import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { influxdAvailable, query, startInfluxd } from '../../../packages/testkit/dist/index.js';

/**
 * What the README tells a newcomer to do, done in `project`: its first code writes a point, the server loses it, and
 * the README's `ceres` commands bring it back. Only the places differ.
 *
 * @param {(title: string, body: () => unknown) => Promise<void>} check
 */
export async function runReadme(project, check) {
  if (!(await influxdAvailable())) return;
  const server = await startInfluxd();
  try {
    const { code, commands } = readReadme([
      ['/var/backups/influx', join(project, 'backup')],
      ['/var/lib/ingest/spool', join(project, 'spool')],
      ['http://127.0.0.1:8086', server.url],
    ]);
    writeFileSync(join(project, 'quickstart.mjs'), code);
    await check('README: the first code', () => shell(project, 'node quickstart.mjs'));
    await server.destroyData();
    await server.restart();
    for (const command of commands) await check(`README: ${command}`, () => shell(project, command));
    await check('README: the point is back', async () => {
      const [series] = await query(server.url, 'db_0', 'SELECT count("user") FROM cpu');
      if (series?.values[0]?.[1] !== 1) throw new Error(`InfluxDB holds ${JSON.stringify(series)}`);
    });
  } finally {
    await server.stop();
  }
}

/** The first `ts` block, and the `ceres` commands of every `sh` block. */
function readReadme(places) {
  const readme = places.reduce((text, [from, to]) => text.replaceAll(from, to), readFileSync('README.md', 'utf8'));
  const blocks = (language) =>
    [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text);
  const [code] = blocks('ts');
  const commands = blocks('sh').flatMap((block) => block.split('\n').filter((line) => line.startsWith('ceres ')));
  if (code === undefined || commands.length === 0) throw new Error('README.md has no code or no commands to run');
  return { code, commands };
}

function shell(project, command) {
  const PATH = join(project, 'node_modules/.bin') + delimiter + process.env.PATH;
  const env = { ...process.env, PATH };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: project, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`exit code ${status}\n${stdout}${stderr}`);
}

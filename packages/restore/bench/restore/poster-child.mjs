// Posts ready-made bodies, four in flight, and does nothing else: `node poster-child.mjs URL < [{"database", "path"}]`.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';

const url = process.argv[2];
const bodies = JSON.parse(readFileSync(0, 'utf8'));
const agent = new Agent({ keepAlive: true });
let next = 0;

async function post() {
  for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
    const bytes = await readFile(body.path);
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-length': bytes.length };
      const sent = request(`${url}/write?db=${body.database}&precision=s`, { method: 'POST', agent, headers });
      sent.once('response', (answer) => answer.resume().once('end', () => resolve(answer.statusCode)));
      sent.once('error', reject);
      sent.end(bytes);
    });
    if (status !== 204) throw new Error(`${body.path}: HTTP ${status}`);
  }
}

await Promise.all([post(), post(), post(), post()]);
agent.destroy();

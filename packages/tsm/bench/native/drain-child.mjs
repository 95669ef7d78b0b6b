// Drains every point of databases by queries, as chunked JSON: `node drain-child.mjs URL DATABASE…`; prints its CPU time and peak memory.
const [url, ...databases] = process.argv.slice(2);
let points = 0;
for (const db of databases) {
  const parameters = new URLSearchParams({ db, epoch: 'ns', q: 'SELECT * FROM /.*/ GROUP BY *', chunked: 'true' });
  const { body } = await fetch(`${url}/query?${parameters}`);
  for await (const _ of body);
  const count = await (
    await fetch(`${url}/query?${new URLSearchParams({ db, q: 'SELECT COUNT(usage_user) FROM cpu' })}`)
  ).json();
  points += count.results[0].series[0].values[0][1];
}
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({ points, cpuSeconds: (user + system) / 1e6, rssMb: process.resourceUsage().maxRSS / 1024 }),
);

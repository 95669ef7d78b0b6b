// One drill, to be watched or killed: `node drill-child.mjs '{"root", "workDir", "sample", "route"}'`; prints its phases, and the certificate last.
import { drill } from '@ceres/drill';
import { LocalStorage } from '@ceres/storage';

const { root, ...options } = JSON.parse(process.argv[2]);
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interruption.abort(new Error(signal)));
const onProgress = ({ phase, ...more }) => {
  if (Object.keys(more).length === 0) console.log(phase);
};
try {
  const { certificate } = await drill({
    storage: new LocalStorage(root),
    instance: 'influxdb-0',
    certificates: new LocalStorage(`${root}-drills`),
    signal: interruption.signal,
    onProgress,
    ...options,
  });
  console.log(JSON.stringify(certificate));
} catch (error) {
  if (!interruption.signal.aborted) throw error;
  process.exitCode = 130;
}

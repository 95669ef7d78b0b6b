// One drill in a process of its own: `node drill-child.mjs BACKUP INSTANCE PERCENT`; prints its certificate.
import { drill } from '@ceres/drill';
import { LocalStorage } from '@ceres/storage';

const [root, instance, percent] = process.argv.slice(2);
const { certificate } = await drill({ storage: new LocalStorage(root), instance, sample: Number(percent) });
if (certificate.verdict !== 'PASS') throw new Error(`${certificate.verdict}: ${certificate.reasons.join('; ')}`);
console.log(JSON.stringify(certificate));

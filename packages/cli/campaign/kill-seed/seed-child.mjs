// One run of a seed, to be killed: `node seed-child.mjs '{"root", "source", "workDir"}'`.
import { seed } from '@ceres/seed';
import { LocalStorage } from '@ceres/storage';

const { root, source, workDir } = JSON.parse(process.argv[2]);
const storage = new LocalStorage(root);
await seed({ storage, instance: 'src', source, workDir, segmentBytesMax: 4096, uploadConcurrency: 2 });

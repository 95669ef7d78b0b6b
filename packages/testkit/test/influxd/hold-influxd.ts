// Acts as a test runner that never cleans up: its parent ends it and then looks at what is left.
import { startInfluxd } from '../../src/index';

const { url, dataDir } = await startInfluxd();
console.log(JSON.stringify({ url, dataDir }));
process.stdin.resume();

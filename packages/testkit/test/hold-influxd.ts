// A test runner that never tidies up: its parent ends it in some way, and looks at what is left.
import { startInfluxd } from '../src/index';

const { url, dataDir } = await startInfluxd();
console.log(JSON.stringify({ url, dataDir }));
process.stdin.resume();

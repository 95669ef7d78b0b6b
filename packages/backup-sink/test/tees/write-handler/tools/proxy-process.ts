// Runs a write handler in a process of its own: prints its URL, and stops when its standard input ends.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryStorage } from '@ceres/storage';
import { BackupSink, createWriteHandler } from '../../../../src/index';

const [influxUrl = '', spoolDir = ''] = process.argv.slice(2);
const sink = await BackupSink.open({ storage: new MemoryStorage(), spoolDir, precision: 'ns' });
const server = createServer(createWriteHandler(influxUrl, sink, { instance: 'influxdb-0' }));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

await once(process.stdin.resume(), 'end');
server.close();
await sink.close();

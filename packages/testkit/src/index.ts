// A fake of Azure Blob Storage that can fail
export type { AzureMethod, LoggedAzureRequest } from './azure/call';
export { FakeAzure, type FakeAzureOptions } from './azure/fake-azure';
export type { AzureFault } from './azure/faults';
// Microsoft's emulator of Azure
export { type Azurite, startAzurite } from './azurite/azurite';
export { azuriteAvailable } from './azurite/program';
// Benches
export { type Comparison, compare, type Figure, median, type Round, ratePerSecond, report } from './bench';
// A real Ceph, which speaks the language of S3
export { cephAvailable } from './ceph/binaries';
export { type Ceph, startCeph } from './ceph/ceph';
// Data, the same for the same seed
export { randomFrom } from './data/random';
export { type TelegrafOptions, telegrafLines } from './data/telegraf';
export { plainLine, type TelemetryOptions, type TelemetryPoint, telemetryPoints } from './data/telemetry';
// A browser, and the tool of Prometheus
export { type ChromiumBinary, chromiumAvailable, findChromium } from './debian-programs/chromium';
export { findPromtool, promtool, promtoolAvailable } from './debian-programs/promtool';
// A file system that fails and forgets
export { FaultyDisk, type FsCall, type FsFault, type FsOperation, type Lacks } from './faulty-fs/faulty-disk';
export { FaultyFs } from './faulty-fs/faulty-fs';
export type { GcsMethod, LoggedRequest } from './gcs/call';
export { FakeGcs, type FakeGcsOptions } from './gcs/fake-gcs';
export { FakeMetadataServer, type MetadataServerState } from './gcs/fake-metadata-server';
export type { GcsFault } from './gcs/faults';
export { type GcsPermission, gcsRoles } from './gcs/permissions';
// What someone hostile may send, and whether the time for it grows with its size
export { type Growing, growingTexts, superlinear } from './hostile/growth';
export { growingShapes, type HostileShape, hostileLines } from './hostile/line-shapes';
// A real InfluxDB
export { findInfluxBinaries, type InfluxBinaries, influxdAvailable } from './influxd/binaries';
export type { InfluxdSettings } from './influxd/config';
export { type QuerySeries, query, writeRaw } from './influxd/http';
export { type Influxd, type InfluxdOptions, startInfluxd } from './influxd/influxd';
export { encodeMessagePack } from './influxd/message-pack';
export { type OpenInfluxd, openInfluxd, openInfluxdAvailable } from './influxd/open-influxd';
export { influxTool, type ToolResult } from './influxd/tool';
export {
  type ProxiedInfluxd,
  proxiedVersions,
  startProxiedInfluxd,
  versionProxyAvailable,
} from './influxd/versions/proxied-influxd';
export { influxdVersion, isVersion, type VersionRange } from './influxd/versions/version';
export { type VersionProxy, versionProxy } from './influxd/versions/version-proxy';
export { type PassingWrite, startWriteProxy, type WriteProxy, type WriteRefusal } from './influxd/write-proxy';
// A server that claims to be InfluxDB and is not
export { type Lookalike, startLookalike, victoriaMetricsAnswer } from './lookalike';
// A real file system that is small enough to fill
export { type DiskKind, type MountedDisk, type MountedDiskOptions, mountDisk, mountObstacle } from './mounted-disk';
// What benches of object stores share
export { type BenchFile, benchFile, megabytesOf } from './object-store/bench/file';
export { reportImportTime, reportListHeap } from './object-store/bench/reports';
export { type ServerThread, startServerThread } from './object-store/bench/server-thread';
export { compareGets, comparePuts, type Transfers } from './object-store/bench/transfers';
// A fake of Cloud Storage that can fail
export type { FakeBucket, FakeObject } from './object-store/bucket';
// What is put into a store, and read back
export { bodyOf, keysOf, md5Of, readAll } from './object-store/contents';
// A real Redis
export { redisAvailable } from './redis/binary';
export { type Redis, startRedis } from './redis/redis';
// A fake of Amazon S3 that can fail
export type { LoggedS3Request, S3Method } from './s3/call';
export { FakeS3, type FakeS3Options, fakeS3Keys } from './s3/fake-s3';
export type { S3Fault } from './s3/faults';
export { type S3Policy, type S3Statement, s3Policies } from './s3/policy';
export { type S3Keys, verifySignature } from './s3/signature';
// Other programs and servers
export { type Program, startProgram } from './servers/program';
export { selfSigned } from './servers/self-signed';

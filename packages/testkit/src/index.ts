export { randomFrom } from './data/random';
export { type TelegrafOptions, telegrafLines } from './data/telegraf';
export { plainLine, type TelemetryOptions, type TelemetryPoint, telemetryPoints } from './data/telemetry';
export { influxdAvailable } from './influxd/available';
export { findInfluxBinaries, type InfluxBinaries } from './influxd/binaries';
export type { InfluxdSettings } from './influxd/config';
export { type QuerySeries, query, writeRaw } from './influxd/http';
export { type Influxd, type InfluxdOptions, startInfluxd } from './influxd/influxd';
export { influxTool, type ToolResult } from './influxd/tool';

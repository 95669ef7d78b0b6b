export type {
  Certificate,
  CertifiedContent,
  CertifiedDrill,
  CertifiedPartition,
  Forecast,
  Machine,
  Phase,
  Route,
  Signature,
  Verdict,
} from './certificate/certificate';
export { type CheckedCertificate, type CheckOptions, checkCertificate } from './certificate/check-certificate';
export { type ReadCertificates, type ReadCertificatesOptions, readCertificates } from './certificate/read-certificates';
export { type DrillReport, drill } from './drill';
export { DrillError, type DrillErrorCode } from './errors';
export type { Leftovers } from './folder/leftovers';
export { type ForecastOptions, forecastRestore } from './forecast/forecast';
export { createMetrics, type MetricsOptions } from './metrics/create-metrics';
export type { DrillOptions, DrillProgress } from './options';
export { type BackupReport, createReport, type ReportOptions } from './report/create-report';

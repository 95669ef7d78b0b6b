export { inspectLock, type SpoolLockReport, type SpoolOwner, unlockSpool } from './lock/unlock';

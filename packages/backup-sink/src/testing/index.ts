export { MemoryStorage } from '@ceres/storage';
export { readLines, type StoredLine } from './read-lines';

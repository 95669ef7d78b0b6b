export { SeedError, type SeedErrorCode } from './errors';
export type { SeedOptions, SeedProgress } from './options';
export { previewSeed, type SeedPreview } from './preview';
export type { SeedReport } from './report';
export { seed } from './seed';
export type { OpenShard, SeedShard, SeedSource, SeedSourceKind } from './source/contract';
export { openSeedSource, type SourceOptions } from './source/open-source';

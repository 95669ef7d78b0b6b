export { fromUrl } from './from-url';
export { GcsStorage } from './gcs-storage';
export type { GcsOptions } from './options';

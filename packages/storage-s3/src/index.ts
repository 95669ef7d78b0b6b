export { fromUrl } from './from-url';
export type { S3Options } from './options';
export { S3Storage } from './s3-storage';

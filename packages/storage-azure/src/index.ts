export { AzureStorage } from './azure-storage';
export { fromUrl } from './from-url';
export type { AzureOptions, AzureTokenCredential } from './options';

import {
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { storageConformance } from '@ceres/storage/conformance';
import { type Azurite, azuriteAvailable, bodyOf, keysOf, md5Of, readAll, startAzurite } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureStorage } from '../src/azure-storage';

describe.skipIf(!(await azuriteAvailable()))('AzureStorage against the emulator of Microsoft', () => {
  let azurite: Azurite;
  let key: StorageSharedKeyCredential;
  let containers = 0;

  beforeAll(async () => {
    azurite = await startAzurite();
    key = new StorageSharedKeyCredential(azurite.account, azurite.accountKey);
  });
  afterAll(() => azurite?.stop());

  async function createContainer(): Promise<string> {
    containers += 1;
    const container = `container-${containers}`;
    await new BlobServiceClient(azurite.url, key).createContainer(container);
    return container;
  }

  function storageWith(container: string, permissions: string): AzureStorage {
    const expiresOn = new Date(Date.now() + 3_600_000);
    const terms = { containerName: container, permissions: ContainerSASPermissions.parse(permissions), expiresOn };
    const sas = generateBlobSASQueryParameters(terms, key).toString();
    return new AzureStorage({ account: azurite.account, container, endpoint: azurite.url, sas });
  }

  /** Has `w`, too: see the last test. */
  const open = async () => storageWith(await createContainer(), 'rcwl');

  storageConformance({ describe, it }, open);

  it('answers created to exactly one of 8 racers, 50 times', async () => {
    const storage = await open();
    for (let race = 0; race < 50; race += 1) {
      const puts = Array.from({ length: 8 }, (_, i) => storage.put(`race ${race}`, bodyOf(`writer ${i}`)));
      const outcomes = await Promise.all(puts);
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    }
  });

  it('refuses bytes that do not fit the declared MD5', async () => {
    const storage = await open();
    const put = storage.put('k', { ...bodyOf('content'), md5: md5Of(Buffer.from('other')) });
    await expect(put).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', retryable: false });
    expect(await keysOf(storage)).toEqual([]);
  });

  it('works with the key of the account in a connection string', async () => {
    const { url, account, accountKey } = azurite;
    const connectionString = `AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${url}`;
    const storage = new AzureStorage({ account, container: await createContainer(), connectionString });
    expect(await storage.put('i/k 1.gz', bodyOf('content'))).toBe('created');
    expect(await storage.put('i/k 1.gz', bodyOf('other'))).toBe('exists');
    expect(await keysOf(storage)).toEqual(['i/k 1.gz']);
    expect(String(await readAll(storage.get('i/k 1.gz')))).toBe('content');
  });

  it('says that the container does not exist, or that the signature is wrong', async () => {
    const container = await createContainer();
    const put = (storage: AzureStorage) => storage.put('k', bodyOf('x'));
    await expect(put(storageWith('missing', 'c'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(keysOf(storageWith('missing', 'l'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { account, url: endpoint } = azurite;
    const sas = 'sv=2022-11-02&sr=c&sp=c&se=2999-01-01T00%3A00%3A00Z&sig=wrong';
    const wrong = new AzureStorage({ account, container, endpoint, sas });
    await expect(put(wrong)).rejects.toMatchObject({ code: 'DENIED' });
  });

  // Azure answers UnauthorizedBlobOverwrite to the second upload, which is `exists`: the fake has that, the emulator has not.
  it('creates with a signature of c alone, and may do nothing else', async () => {
    const container = await createContainer();
    const writer = storageWith(container, 'c');
    expect(await writer.put('k', bodyOf('first'))).toBe('created');
    await expect(writer.put('k', bodyOf('second'))).rejects.toMatchObject({
      code: 'DENIED',
      cause: { code: 'AuthorizationPermissionMismatch' },
    });
    await expect(readAll(writer.get('k'))).rejects.toMatchObject({ code: 'DENIED' });
    await expect(keysOf(writer)).rejects.toMatchObject({ code: 'DENIED' });
    expect(String(await readAll(storageWith(container, 'r').get('k')))).toBe('first');
  });
});

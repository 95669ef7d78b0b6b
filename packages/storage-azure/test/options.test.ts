import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AzureStorage } from '../src/azure-storage';
import { fromUrl, optionsFromUrl } from '../src/from-url';
import { type AzureOptions, resolveOptions } from '../src/options';

const sas = 'sv=2026-04-06&sp=c&sig=a%2Fsecret';
const place = { account: 'acmebackup', container: 'influx' };
const key = Buffer.from('a key').toString('base64');

describe('the options of AzureStorage', () => {
  it('get their defaults in one place', () => {
    expect(resolveOptions({ ...place, sas })).toEqual({
      containerUrl: 'https://acmebackup.blob.core.windows.net/influx',
      place: 'azblob://acmebackup/influx',
      prefix: '',
      sas: expect.any(Function),
      credential: undefined,
      attemptTimeoutMs: 120_000,
      idleTimeoutMs: 30_000,
    });
    const ofEmulator = resolveOptions({ ...place, sas, prefix: 'a/b', endpoint: 'http://127.0.0.1:10000/acmebackup/' });
    expect(ofEmulator).toMatchObject({ prefix: 'a/b/', containerUrl: 'http://127.0.0.1:10000/acmebackup/influx' });
  });

  it('take a SAS with or without its question mark, or a function that is asked each time', async () => {
    expect(resolveOptions({ ...place, sas: `?${sas}` }).sas?.()).toBe(sas);
    let asked = 0;
    const current = async () => {
      asked += 1;
      return `?${sas}&asked=${asked}`;
    };
    const resolved = resolveOptions({ ...place, sas: current });
    expect(await resolved.sas?.()).toBe(`${sas}&asked=1`);
    expect(await resolved.sas?.()).toBe(`${sas}&asked=2`);
  });

  it('take a connection string with a key, or with a SAS, and the address that it names', () => {
    const withKey = `DefaultEndpointsProtocol=https;AccountName=acmebackup;AccountKey=${key};EndpointSuffix=core.chinacloudapi.cn`;
    expect(resolveOptions({ ...place, connectionString: withKey })).toMatchObject({
      containerUrl: 'https://acmebackup.blob.core.chinacloudapi.cn/influx',
      credential: { accountName: 'acmebackup' },
      sas: undefined,
    });
    const withSas = `BlobEndpoint=https://here.example/;SharedAccessSignature=${sas}`;
    const resolved = resolveOptions({ ...place, connectionString: withSas });
    expect(resolved).toMatchObject({ containerUrl: 'https://here.example/influx', credential: undefined });
    expect(resolved.sas?.()).toBe(sas);
  });

  const refused: readonly [string, object, RegExp][] = [
    ['no account', { container: 'influx', sas }, /Expected `account` to be the name of a storage account/],
    ['a host for an account', { ...place, account: 'a.blob.core.windows.net', sas }, /Expected `account`/],
    ['a path for a container', { ...place, container: 'influx/eu', sas }, /Expected `container` to be the name/],
    ['two hyphens in a container', { ...place, container: 'a--b', sas }, /Expected `container`/],
    ['a misspelled option', { ...place, sass: sas }, /Did you mean `sas`/],
    ['a prefix that leads out of the container', { ...place, sas, prefix: '../x' }, /Expected `prefix` to be names/],
    ['no credential', place, /Give one of `sas`, `connectionString` and `credential`/],
    ['two credentials', { ...place, sas, connectionString: 'AccountKey=x' }, /Give one of/],
    ['a SAS without its signature', { ...place, sas: 'sp=c&sv=1' }, /Expected `sas` to be a shared access signature/],
    ['a connection string without a key', { ...place, connectionString: 'AccountName=acmebackup' }, /"AccountKey=…"/],
    [
      'the connection string of another account',
      { ...place, connectionString: `AccountName=other;AccountKey=${key}` },
      /of the account "other", not of "acmebackup"/,
    ],
    ['a credential without tokens', { ...place, credential: {} }, /`credential`.*getToken/],
    ['an endpoint without a scheme', { ...place, sas, endpoint: 'azurite:10000' }, /Expected `endpoint` to be an/],
    ['a SAS in an endpoint', { ...place, sas, endpoint: `https://a.example?${sas}` }, /without credentials/],
    ['a timeout of 0', { ...place, sas, attemptTimeoutMs: 0 }, /Expected `attemptTimeoutMs` to be .* got 0/],
  ];
  for (const [what, options, message] of refused) {
    it(`refuse ${what}`, () => {
      expect(() => new AzureStorage(options as AzureOptions)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
      );
    });
  }

  it('show no secret when they are refused', () => {
    const secrets: readonly object[] = [
      { ...place, sas: 'a%2Fsecret' },
      { ...place, connectionString: 'AccountName=acmebackup;Key=a%2Fsecret' },
      { ...place, connectionString: 'AccountName=other;AccountKey=a%2Fsecret' },
    ];
    for (const options of secrets) {
      expect(() => new AzureStorage(options as AzureOptions)).toThrow(/^(?!.*secret)/s);
    }
  });
});

describe('fromUrl', () => {
  function environment(values: Readonly<Record<string, string>> = { AZURE_STORAGE_SAS_TOKEN: sas }): void {
    for (const name of ['AZURE_STORAGE_SAS_TOKEN', 'AZURE_STORAGE_CONNECTION_STRING']) {
      vi.stubEnv(name, values[name]);
    }
    onTestFinished(() => void vi.unstubAllEnvs());
  }

  it('accepts azblob://account/container and a prefix, with the SAS of the environment', () => {
    environment();
    expect(fromUrl(new URL('azblob://acmebackup/influx'))).toBeInstanceOf(AzureStorage);
    expect(optionsFromUrl(new URL('azblob://acmebackup/influx/influx%20db/eu'))).toEqual({
      ...place,
      prefix: 'influx db/eu',
      sas,
    });
    const url = 'azblob://acmebackup/influx?endpoint=http://127.0.0.1:10000/acmebackup';
    expect(optionsFromUrl(new URL(url))).toMatchObject({ endpoint: 'http://127.0.0.1:10000/acmebackup', prefix: '' });
  });

  it('takes the connection string of the environment if there is no SAS, and says which variables there are', () => {
    const connectionString = `AccountName=acmebackup;AccountKey=${key}`;
    environment({ AZURE_STORAGE_CONNECTION_STRING: connectionString });
    expect(optionsFromUrl(new URL('azblob://acmebackup/influx'))).toEqual({ ...place, prefix: '', connectionString });
    environment({});
    expect(() => fromUrl(new URL('azblob://acmebackup/influx'))).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(/AZURE_STORAGE_SAS_TOKEN/) }),
    );
  });

  it.each([
    'gs://acmebackup/influx',
    'azblob:///influx',
    'azblob://acmebackup',
    'azblob://acmebackup/influx?sig=x',
    'azblob://acmebackup/influx?endpoint=http://a&endpoint=http://b',
    'azblob://acmebackup/influx?endpoint=azurite:10000',
    'azblob://user@acmebackup/influx',
    'azblob://acmebackup:9000/influx',
    'azblob://acmebackup/influx/100%',
    'azblob://acmebackup/influx#x',
  ])('refuses %s', (url) => {
    environment();
    expect(() => fromUrl(new URL(url))).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});

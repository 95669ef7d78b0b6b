import { describe, expect, it } from 'vitest';
import { verifySignature } from '../src/index';

// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const keys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const request = {
  verb: 'GET',
  url: '/test.txt',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': empty,
    'x-amz-date': '20130524T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
};
const server = { region: 'us-east-1', nowMs: Date.UTC(2013, 4, 24), keysOf: () => keys };

describe('the signature check of the fake S3 server', () => {
  it("accepts Amazon's own example", () => {
    expect(verifySignature(request, server)).toBe(keys);
  });

  const altered: readonly [string, object, string][] = [
    ['another path', { url: '/test2.txt' }, 'SignatureDoesNotMatch'],
    ['a query that was not signed', { url: '/test.txt?versionId=1' }, 'SignatureDoesNotMatch'],
    ['another verb', { verb: 'PUT' }, 'SignatureDoesNotMatch'],
    ['another range', { headers: { ...request.headers, range: 'bytes=0-10' } }, 'SignatureDoesNotMatch'],
    [
      'a header that is not signed',
      { headers: { ...request.headers, 'x-amz-acl': 'public' } },
      'SignatureDoesNotMatch',
    ],
    ['no signature', { headers: { ...request.headers, authorization: undefined } }, 'AccessDenied'],
  ];
  it.each(altered)('refuses %s', (_, change, code) => {
    expect(() => verifySignature({ ...request, ...change }, server)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a wrong region, an unknown key and a clock that is half an hour off', () => {
    const refusal = (change: object) => () => verifySignature(request, { ...server, ...change });
    expect(refusal({ region: 'eu-west-1' })).toThrow(expect.objectContaining({ code: 'AuthorizationHeaderMalformed' }));
    expect(refusal({ keysOf: () => undefined })).toThrow(expect.objectContaining({ code: 'InvalidAccessKeyId' }));
    expect(refusal({ nowMs: server.nowMs + 1_800_000 })).toThrow(
      expect.objectContaining({ code: 'RequestTimeTooSkewed' }),
    );
  });
});

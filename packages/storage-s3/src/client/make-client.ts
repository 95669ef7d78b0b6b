import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { ResolvedOptions } from '../options';

const nothing = () => undefined;
/** The SDK prints on the console if it has no logger, such as "non-retryable streaming request". */
const logger = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

const silencer = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/**
 * Makes a client that sends each request once, and says nothing on stderr.
 *
 * @param requestHandler the connections of an earlier client
 */
export function makeClient(
  { endpoint, region, forcePathStyle, credentials }: ResolvedOptions,
  requestHandler: S3ClientConfig['requestHandler'] = { logger },
): S3Client {
  const config: S3ClientConfig = {
    maxAttempts: 1,
    // By default the SDK sends checksums in trailers, which stores other than Amazon's refuse, or store as part of the object.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED', // every file has a digest of its content
    expectContinueHeader: false, // `createObject` decides: it costs a connection of its own
    forcePathStyle,
    logger,
    requestHandler,
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(credentials !== undefined && { credentials }),
  };
  return withoutWarning(() => new S3Client(config));
}

/** The first client of a process warns on stderr of Node's age. What an operator runs is not the place to say so. */
function withoutWarning<T>(make: () => T): T {
  const before = process.env[silencer];
  process.env[silencer] = 'true';
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env[silencer];
    else process.env[silencer] = before;
  }
}

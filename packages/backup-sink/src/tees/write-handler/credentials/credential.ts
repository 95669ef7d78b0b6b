import type { IncomingMessage } from 'node:http';
import { basicFromToken } from '../influx/forward-write';
import { isCredentialHeader } from '../influx/headers';

/** What a client proves with that it may write. */
export interface Credential {
  /** Everything that a server may judge it by, in one text. Never log or store it. */
  readonly secret: string;
  /** The user's name where it is readable, for the log. */
  readonly user: string | undefined;
  /** True if nothing was given. */
  readonly isAnonymous: boolean;
  /** The end of the time in which we may honor it on our own: for a JSON Web Token its `exp`, or 0 if that cannot be read. */
  readonly expiresMs: number;
}

/** What InfluxDB takes from the query, and only if both are there. */
const parameterNames = ['u', 'p'] as const;

/** Returns the names of the headers that belong to a credential. */
export function credentialHeaders(request: IncomingMessage): string[] {
  return Object.keys(request.headers).filter(isCredentialHeader);
}

/** Reads what a client sent: Basic, `Token user:password`, Bearer, and `u` and `p` in the query. */
export function readCredential(request: IncomingMessage, parameters: URLSearchParams): Credential {
  const authorization = basicFromToken(request.headers.authorization) ?? request.headers.authorization ?? '';
  const [user = '', password = ''] = parameterNames.map((name) => parameters.get(name) ?? '');
  const others = credentialHeaders(request)
    .filter((name) => name !== 'authorization')
    .sort()
    .map((name) => [name, String(request.headers[name])]);
  const isAnonymous = authorization === '' && others.length === 0 && (user === '' || password === '');
  return {
    secret: JSON.stringify([user, password, authorization, others]),
    user: user !== '' ? user : userOfBasic(authorization),
    isAnonymous,
    expiresMs: expiryOf(authorization),
  };
}

/** The credential of a client that sent none. */
export const anonymous: Credential = {
  secret: JSON.stringify(['', '', '', []]),
  user: undefined,
  isAnonymous: true,
  expiresMs: Infinity,
};

function userOfBasic(authorization: string): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
  return password.length > 0 ? user : undefined;
}

/** The longest token that is looked into. */
const tokenLengthMax = 8192;

function expiryOf(authorization: string): number {
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) return Infinity;
  try {
    const claims = token.length > tokenLengthMax ? '' : (token.split('.')[1] ?? '');
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : 0;
  } catch {
    return 0; // Not a token that InfluxDB takes: it is never honored on our own account.
  }
}

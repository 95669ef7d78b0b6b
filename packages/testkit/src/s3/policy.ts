/** A policy of IAM or of a bucket, as far as the fake understands it. What it does not understand it refuses, so that no test passes by mistake. */
export interface S3Policy {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: readonly S3Statement[];
}

type OneOrMore = string | readonly string[];

export interface S3Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  /** Who the statement of a bucket's policy is for: an access key of the fake, its ARN, or `*`. */
  readonly Principal?: '*' | Readonly<Record<string, OneOrMore>>;
  readonly Action?: OneOrMore;
  readonly NotAction?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly NotResource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

/** What a request wants to do. */
export interface S3Wish {
  readonly accessKeyId: string;
  /** `s3:PutObject` */
  readonly action: string;
  /** `arn:aws:s3:::bucket/key` */
  readonly resource: string;
  /** The keys of conditions that this request has a value for. */
  readonly context: Readonly<Record<string, string>>;
}

/** Decides as IAM does: a Deny wins, and without an Allow the answer is no. */
export function isAllowed(policies: readonly S3Policy[], wish: S3Wish): boolean {
  const fitting = policies.flatMap(({ Statement }) => Statement).filter((statement) => fits(statement, wish));
  return fitting.some(({ Effect }) => Effect === 'Allow') && !fitting.some(({ Effect }) => Effect === 'Deny');
}

const known = ['Sid', 'Effect', 'Principal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

function fits(statement: S3Statement, wish: S3Wish): boolean {
  const unknown = Object.keys(statement).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`The fake S3 server does not understand "${unknown}" in a policy.`);
  const { Principal, Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const names = [wish.accessKeyId, `arn:aws:iam::123456789012:user/${wish.accessKeyId}`];
  const isFor =
    Principal === undefined ||
    Principal === '*' ||
    Object.values(Principal).some((list) => names.some((name) => matchesAny(list, name)));
  const isOfAction =
    NotAction === undefined ? matchesAny(Action ?? [], wish.action) : !matchesAny(NotAction, wish.action);
  const isOfResource =
    NotResource === undefined ? matchesAny(Resource ?? [], wish.resource) : !matchesAny(NotResource, wish.resource);
  return isFor && isOfAction && isOfResource && Object.entries(Condition).every((condition) => holds(condition, wish));
}

type Operator = (found: string | undefined, wanted: readonly string[]) => boolean;

const operators: Readonly<Record<string, Operator>> = {
  Null: (found, wanted) => wanted.includes(String(found === undefined)),
  Bool: (found, wanted) => found !== undefined && wanted.includes(found),
  StringEquals: (found, wanted) => found !== undefined && wanted.includes(found),
  StringNotEquals: (found, wanted) => found === undefined || !wanted.includes(found),
  StringLike: (found, wanted) => found !== undefined && matchesAny(wanted, found),
  StringNotLike: (found, wanted) => found === undefined || !matchesAny(wanted, found),
};

const keys = ['s3:if-none-match', 's3:prefix', 'aws:SecureTransport'];

function holds([name, tests]: readonly [string, Readonly<Record<string, OneOrMore>>], { context }: S3Wish): boolean {
  const isOptional = name.endsWith('IfExists');
  const operator = operators[isOptional ? name.slice(0, -'IfExists'.length) : name];
  if (operator === undefined) throw new Error(`The fake S3 server does not understand the condition "${name}".`);
  return Object.entries(tests).every(([key, wanted]) => {
    if (!keys.includes(key)) throw new Error(`The fake S3 server does not know the condition key "${key}".`);
    const found = context[key];
    return (isOptional && found === undefined) || operator(found, [wanted].flat().map(String));
  });
}

function matchesAny(patterns: OneOrMore, text: string): boolean {
  return [patterns].flat().some((pattern) => matches(String(pattern), text));
}

/** Compares with a pattern in which `*` stands for any text and `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

const statement = (Action: OneOrMore): S3Policy => ({ Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

/** Permission sets for tests. */
export const s3Policies = {
  /** All that a sink needs. */
  writer: statement('s3:PutObject'),
  /** All that a restore needs. */
  reader: statement(['s3:GetObject', 's3:ListBucket']),
  admin: statement('s3:*'),
  /** The policy of a bucket that makes `s3:PutObject` the right to create, and not to overwrite. */
  createOnly: {
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: '*',
        Condition: { Null: { 's3:if-none-match': 'true' } },
      },
    ],
  },
} as const satisfies Record<string, S3Policy>;

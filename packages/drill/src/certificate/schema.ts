import published from '../../certificate.schema.json';

/** The words of JSON Schema that the published schema uses: all that is needed to hold a certificate to it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

const definitions: Readonly<Record<string, Schema>> = published.$defs;

/** Returns where a value does not fit the published schema, such as `/restored/files`; `undefined` if it does. */
export function misfitOf(value: unknown): string | undefined {
  return misfit(value, published as Schema, '');
}

function misfit(value: unknown, given: Schema, path: string): string | undefined {
  const schema = given.$ref === undefined ? given : definitions[given.$ref.replace('#/$defs/', '')];
  const here = path === '' ? '/' : path;
  if (schema === undefined) return here;
  if (schema.anyOf !== undefined) {
    return schema.anyOf.some((one) => misfit(value, one, path) === undefined) ? undefined : here;
  }
  if (!isOfType(value, schema) || !isInRange(value, schema)) return here;
  if (Array.isArray(value) && schema.items !== undefined) {
    return firstOf(value.entries(), ([i, item]) => misfit(item, schema.items as Schema, `${path}/${i}`));
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { required = [], properties = {} } = schema;
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${path}/${missing}`;
  return firstOf(Object.entries(value), ([name, member]) => {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return own === undefined ? `${path}/${name}` : misfit(member, own, `${path}/${name}`);
  });
}

function firstOf<T>(items: Iterable<T>, misfitOfOne: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = misfitOfOne(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isOfType(value: unknown, { type, ...schema }: Schema): boolean {
  if (schema.const !== undefined) return value === schema.const;
  if (schema.enum !== undefined) return schema.enum.includes(value);
  const name = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const names = Number.isSafeInteger(value) ? ['number', 'integer'] : [name];
  return names.some((one) => type === one || type?.includes(one));
}

function isInRange(
  value: unknown,
  { pattern, minLength = 0, minimum = -Infinity, maximum = Infinity }: Schema,
): boolean {
  if (typeof value === 'number') return value >= minimum && value <= maximum;
  if (typeof value !== 'string') return true;
  return value.length >= minLength && (pattern === undefined || new RegExp(pattern).test(value));
}

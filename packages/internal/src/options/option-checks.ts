import { inspect } from 'node:util';
import { nearestName } from './nearest-name';

/** The numbers that an option accepts. `unit` is the word for them in messages, such as `milliseconds`. */
export interface NumberRange {
  readonly min: number;
  /** `Infinity` also allows `Infinity` itself: no limit. */
  readonly max: number;
  readonly unit?: string;
}

/** Checks what a caller without TypeScript may get wrong. Every message has the shape "Expected `x` to be …, got ….". */
export interface OptionChecks {
  /** Refuses anything but an object, and names of options that do not exist. `call` is what was called, such as `restore()`. */
  names(call: string, given: unknown, known: readonly string[]): void;
  /** Returns `value`, a number within the range. */
  number(name: string, value: unknown, range: NumberRange): number;
  /** Returns `value`, a whole number within the range. */
  wholeNumber(name: string, value: unknown, range: NumberRange): number;
  /** Returns `value`, a boolean. */
  flag(name: string, value: unknown): boolean;
  /** Returns `value`, a string that is not empty. `example` shows the caller one that fits. */
  text(name: string, value: unknown, example?: string): string;
  /** Returns `value`, one of the words. */
  oneOf<W extends string>(name: string, value: unknown, words: readonly W[]): W;
  /** Refuses a value that lacks one of the methods. `example` names one that has them. */
  methods(name: string, value: unknown, methods: readonly string[], example?: string): void;
  /** Refuses what is not an `AbortSignal`. `undefined` is accepted. */
  signal(value: unknown): void;
  /** Refuses with "Expected `name` to be `expected`, got …." unless `isGood`. */
  that(isGood: boolean, name: string, expected: string, value: unknown): void;
}

/**
 * Returns the checks of a package's options.
 *
 * @param errorOf makes the package's own error, with its code for wrong options
 */
export function optionChecks(errorOf: (message: string) => Error): OptionChecks {
  function that(isGood: boolean, name: string, expected: string, value: unknown): void {
    if (!isGood) throw errorOf(`Expected \`${name}\` to be ${expected}, got ${shown(value)}.`);
  }

  function inRange(name: string, value: unknown, range: NumberRange, what: string, isKind: boolean): number {
    const { min, max, unit } = range;
    const isGood = isKind && (value as number) >= min && (value as number) <= max;
    const limits = max === Infinity ? `at least ${min}` : `from ${min} to ${max}`;
    that(isGood, name, `${what}${unit === undefined ? '' : ` of ${unit}`} ${limits}`, value);
    return value as number;
  }

  return {
    that,
    names(call, given, known) {
      if (typeof given !== 'object' || given === null) {
        throw errorOf(`Expected the options of ${call} to be an object with ${listed(known)}, got ${shown(given)}.`);
      }
      for (const name of Object.keys(given)) {
        if (known.includes(name)) continue;
        const meant = nearestName(name, known);
        const advice = meant === undefined ? `It takes ${listed(known)}.` : `Did you mean \`${meant}\`?`;
        throw errorOf(`${call} has no option \`${name}\`. ${advice}`);
      }
    },
    number: (name, value, range) =>
      inRange(name, value, range, 'a number', typeof value === 'number' && !Number.isNaN(value)),
    wholeNumber: (name, value, range) =>
      inRange(name, value, range, 'a whole number', Number.isSafeInteger(value) || value === Infinity),
    flag(name, value) {
      that(typeof value === 'boolean', name, 'true or false', value);
      return value as boolean;
    },
    text(name, value, example) {
      const expected = `a non-empty string${example === undefined ? '' : `, such as ${shown(example)}`}`;
      that(typeof value === 'string' && value !== '', name, expected, value);
      return value as string;
    },
    oneOf(name, value, words) {
      const isWord = typeof value === 'string' && (words as readonly string[]).includes(value);
      that(isWord, name, `one of ${words.map((word) => `'${word}'`).join(', ')}`, value);
      return value as (typeof words)[number];
    },
    methods(name, value, methods, example) {
      const calls = methods.map((method) => `${method}()`).join(', ');
      const expected = `an object with ${calls}${example === undefined ? '' : `, such as ${example}`}`;
      that(has(value, methods), name, expected, value);
    },
    signal(value) {
      // Not `instanceof`: a test environment may have a class of its own.
      const isSignal =
        has(value, ['throwIfAborted', 'addEventListener', 'removeEventListener']) &&
        typeof (value as AbortSignal).aborted === 'boolean';
      that(value === undefined || isSignal, 'signal', 'an AbortSignal', value);
    },
  };
}

function has(value: unknown, methods: readonly string[]): boolean {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

/** Returns a value as one short line. It shows one level only, since an object may have a secret in it. */
function shown(value: unknown): string {
  const text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 100 });
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

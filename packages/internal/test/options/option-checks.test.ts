import { describe, expect, it } from 'vitest';
import { nearestName, optionChecks } from '../../src/index';

const check = optionChecks((message) => new RangeError(message));

it('a bad option throws the error that the package makes', () => {
  expect(() => check.flag('wipe', 1)).toThrow(RangeError);
});

it('an unknown option is refused, and the message suggests the name that was probably meant', () => {
  expect(() => check.names('restore()', { lane: 1 }, ['lanes', 'rate'])).toThrow(
    'restore() has no option `lane`. Did you mean `lanes`?',
  );
  expect(() => check.names('restore()', { colour: 1 }, ['lanes', 'rate'])).toThrow(
    'restore() has no option `colour`. It takes `lanes`, `rate`.',
  );
});

it('options that are not an object are refused, and the message lists what they may have', () => {
  for (const given of [undefined, null, 5, 'x']) {
    expect(() => check.names('restore()', given, ['lanes'])).toThrow(
      'Expected the options of restore() to be an object with `lanes`, got',
    );
  }
});

describe('a number', () => {
  it.each([0, 65, 1.5, Number.NaN, '4', null, undefined, Infinity])(
    'refuses %s outside the whole numbers of its range',
    (value) => {
      expect(() => check.wholeNumber('lanes', value, { min: 1, max: 64 })).toThrow(
        'Expected `lanes` to be a whole number from 1 to 64, got',
      );
    },
  );

  it('has its unit in the message', () => {
    expect(() => check.wholeNumber('timeoutMs', -1, { min: 0, max: Infinity, unit: 'milliseconds' })).toThrow(
      'Expected `timeoutMs` to be a whole number of milliseconds at least 0, got -1.',
    );
  });

  it('may be Infinity where there is no limit, and may have a fraction unless it must be whole', () => {
    expect(check.wholeNumber('rate', Infinity, { min: 1, max: Infinity })).toBe(Infinity);
    expect(check.number('ageMs', 0.5, { min: 0, max: 1 })).toBe(0.5);
  });
});

it('an unknown word is refused, and the message lists the words', () => {
  expect(() => check.oneOf('ack', 'disk', ['spooled', 'stored'])).toThrow(
    "Expected `ack` to be one of 'spooled', 'stored', got 'disk'.",
  );
});

it('an object is refused if it lacks a method', () => {
  expect(() => check.methods('storage', {}, ['put'], 'a LocalStorage')).toThrow(
    'Expected `storage` to be an object with put(), such as a LocalStorage, got {}.',
  );
  check.methods('storage', { put: () => undefined }, ['put']);
});

it('a signal may be absent or of any class, but must be a signal', () => {
  check.signal(undefined);
  check.signal(new AbortController().signal);
  expect(() => check.signal({ aborted: false })).toThrow('Expected `signal` to be an AbortSignal, got');
});

it('a long value is shortened in a message', () => {
  expect(() => check.flag('wipe', 'x'.repeat(10_000))).toThrow(/^.{1,200}$/);
});

it('the nearest name differs in two letters at most, or in a third of a long word', () => {
  expect(nearestName('Lanes', ['rate', 'lanes'])).toBe('lanes');
  expect(nearestName('mapDb', ['mapDatabase', 'rate'])).toBeUndefined();
  expect(nearestName('segmentBytesMx', ['segmentAgeMsMax', 'segmentBytesMax'])).toBe('segmentBytesMax');
});

import { promtoolAvailable } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { testWords } from './promtool';
import { watchText } from './simulation';

/** What is in the name of an instance, the name, and how an alert shows it; the digest at its end tells it from others that look the same. */
const names = [
  ['markup and quotes', '<script>alert("1")</script>', '<script>alert("1")</script>'],
  ['a template', "it's \\ {{ $value }} {{ reReplaceAll }}", "it's \\ {{ $value }} {{ reReplaceAll }}"],
  ['what does not show', 'a\0b\u202ec\nd', /^a\\u\{0\}b\\u\{202e\}c\\u\{a\}d~[0-9a-f]{8}$/],
  ['64 KB', 'é'.repeat(65_536), /^é{127}…~[0-9a-f]{8}$/],
] as const;

/** Returns the value of the label in a text of metrics. */
function labelIn(text: string): string {
  const [, quoted = ''] = /^ceres_watch_up\{instance="(.*)"\} /m.exec(text) ?? [];
  return quoted.replace(/\\(.)/g, '$1');
}

describe.skipIf(!(await promtoolAvailable()))('an alert about an instance with a hostile name', () => {
  it.each(names)('says %s as text: escaped, cut, and not as a template', async (_what, name, shown) => {
    const text = watchText(0, { kinds: ['missing'] }, name);
    const instance = labelIn(text);
    expect(instance).toEqual(typeof shown === 'string' ? shown : expect.stringMatching(shown));
    const summary = `The database of ${instance} is not what its backup says`;
    const action = 'Run `ceres diagnose`. It names what is wrong, and the command that cures it.';
    const alert = { alertname: 'CeresDatabaseDamaged', severity: 'critical', said: [{ instance, summary, action }] };
    expect(await testWords(text, [alert])).toEqual({ exitCode: 0, output: expect.stringContaining('SUCCESS') });
    const other = { ...alert, said: [{ instance, summary: `${summary}.`, action }] };
    expect(await testWords(text, [other])).toMatchObject({ exitCode: 1 });
  });
});

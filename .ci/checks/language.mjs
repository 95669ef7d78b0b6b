// Holds the language of code and docs to plain English: docstrings that are sentences, and today's words.
// Usage: node .ci/checks/language.mjs [folder or file …]; default: the whole repository.
import { readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import { ownFiles } from '../own-files.mjs';
import { readProse } from './language/prose.mjs';
import { exceptions, fragmentOpening, words } from './language/words.mjs';

const given = process.argv.slice(2);
const files = (given.length > 0 ? given : ['.'])
  .flatMap((path) => ownFiles(normalize(path)))
  .filter((path) => /\.(?:ts|mts|cts|mjs|cjs|md|yaml|yml)$/.test(path))
  .filter((path) => !/(?:^|\/)(?:pnpm-lock|CHANGELOG|LICENSE)|^\.ci\/language\/words\.mjs$|\/golden\//.test(path));

const findings = files.flatMap(check);
for (const finding of findings) console.log(finding);
console.log(`language: ${files.length} files, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;

function check(path) {
  const text = readFileSync(path, 'utf8');
  const { prose, docstrings, faults } = readProse(path, text);
  const english = prose.replaceAll(exceptions, (match) => ' '.repeat(match.length));
  const fragments = docstrings.flatMap(({ index, text }) => {
    const opening = fragmentOpening.exec(text)?.[1];
    return opening ? [{ index, what: `a docstring is a sentence: it must not begin with "${opening}"` }] : [];
  });
  const stumbles = words.flatMap(([pattern, instead]) =>
    [...english.matchAll(pattern)].map(({ 0: found, index }) => ({
      index,
      what: `"${found.replaceAll(/\s+/g, ' ')}": ${instead}`,
    })),
  );
  return [...faults, ...fragments, ...stumbles]
    .sort((a, b) => a.index - b.index)
    .map(({ index, what }) => `${placeOf(path, text, index)}  ${what}\n    ${lineAt(text, index)}`);
}

function placeOf(path, text, index) {
  return `${path}:${text.slice(0, index).split('\n').length}`;
}

function lineAt(text, index) {
  const start = text.lastIndexOf('\n', index - 1) + 1;
  return text.slice(start).split('\n', 1)[0].trim().slice(0, 140);
}

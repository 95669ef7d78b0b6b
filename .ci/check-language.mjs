// Holds the language of code and docs to plain English: docstrings that are sentences, and today's words.
// Usage: node .ci/check-language.mjs [folder or file …]; default: everything that git tracks.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const barePrepositions =
  'Of|In|To|By|With|For|Where|Whether|From|At|On|Below|Above|Behind|Beyond|As|Without|Between|Under|After|Before|Beside|Among|Within';

/** What a reader stumbles over, and what to write instead. The patterns look at prose: comments, messages, Markdown. */
const words = [
  [/\bwhoever\b/i, 'anyone who'],
  [/\bnobody\b(?! (?:else )?(?:knows|can know))/i, 'no one, or say who'],
  [/\b(?:anew|afresh)\b/i, 'again'],
  [/\bmeanwhile\b/i, 'while that happens'],
  [/\bhence\b/i, 'so'],
  [/\bshall\b/i, 'must, or will'],
  [/\b(?:mend|mends|mended|mending)\b/i, 'fix'],
  [/\b(?:rests|resting) (?:in|on|under|at)\b|\bwhere (?:the backup|files|it|they) rests?\b/i, 'is stored'],
  [/\b(?:is|are|was|were|be|being|been) told\b/i, 'gets, is reported; say who reports'],
  [/\bso (?:many|long|often|much)\b(?! (?:as|that))/i, 'name the number: `n`, "at least `sizeBytes`"'],
  [/\b(?:is|are) no matter of\b/i, 'a plain sentence'],
  [/\bneeds? not\b(?! (?:only|be))/i, 'does not need'],
  [/\bif not said\b|\bunless said\b/i, 'default: …'],
  [
    /\bmust needs\b|\bthereof\b|\bthereby\b|\bwhereof\b|\bwherein\b|\btherein\b|\bupon\b|\blest\b|\balbeit\b/i,
    "today's word",
  ],
  [
    /\b(?:behaviour|colour|favour|honour|neighbour|initialis|serialis|recognis|normalis|organis|optimis|summaris|cancelled|labelled|licence)\w*/i,
    'American spelling',
  ],
  [/\bmisspelt\b|\blearnt\b|\bspelt\b|\bburnt\b/i, 'American spelling'],
];

const given = process.argv.slice(2);
const files = execFileSync(
  'git',
  ['ls-files', '-co', '--exclude-standard', '--', ...(given.length > 0 ? given : ['.'])],
  { encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => /\.(?:ts|mjs|cjs|md|yaml|yml)$/.test(path))
  .filter((path) => !/(?:^|\/)(?:pnpm-lock|CHANGELOG|LICENSE)|check-language\.mjs$|\/golden\//.test(path));

let findings = 0;
for (const path of files) {
  const lines = readFileSync(path, 'utf8').split('\n');
  const isProse = path.endsWith('.md');
  let isCodeBlock = false;
  lines.forEach((line, index) => {
    if (isProse && line.startsWith('```')) isCodeBlock = !isCodeBlock;
    const text = isProse ? (isCodeBlock ? '' : line) : proseOf(line);
    const opening = new RegExp(`^\\s*/\\*\\*\\s+(${barePrepositions})\\b`).exec(line) ?? docstringStart(lines, index);
    if (!isProse && opening)
      report(path, index, line, `a docstring is a sentence: it must not begin with "${opening[1]}"`);
    for (const [pattern, instead] of words) {
      const found = pattern.exec(text);
      if (found) report(path, index, line, `"${found[0]}": ${instead}`);
    }
  });
}
console.log(`language: ${files.length} files, ${findings} findings`);
process.exitCode = findings === 0 ? 0 : 1;

/** The first text line of a docstring whose opening stands alone. */
function docstringStart(lines, index) {
  if (!/^\s*\/\*\*\s*$/.test(lines[index - 1] ?? '')) return null;
  return new RegExp(`^\\s*\\*\\s+(${barePrepositions})\\b`).exec(lines[index]);
}

/** Comments and quoted text of a line of code. */
function proseOf(line) {
  const comment = /^\s*(?:\/?\*+|\/\/)(.*)$/.exec(line)?.[1];
  if (comment !== undefined) return comment;
  const quoted = [...line.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map(
    (m) => m[1] ?? m[2] ?? m[3],
  );
  const trailing = /\s\/\/\s(.*)$/.exec(line)?.[1];
  return [...quoted.filter((text) => text.includes(' ')), trailing ?? ''].join(' · ');
}

function report(path, index, line, what) {
  findings += 1;
  console.log(`${path}:${index + 1}  ${what}\n    ${line.trim().slice(0, 140)}`);
}

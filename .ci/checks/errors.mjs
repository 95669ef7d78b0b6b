// Every code that a caller can match on is explained in docs/errors.md, and nothing else is. A heading there names the class or the
// type that the codes below it belong to.
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { packageSources } from '../own-files.mjs';

const page = 'docs/errors.md';
const inCode = packageSources().flatMap(codesIn);
const explained = explainedCodes();

const missing = inCode.filter((code) => !explained.has(code)).map((code) => `${page} does not explain ${code}.`);
const stale = [...explained]
  .filter((code) => !inCode.includes(code))
  .map((code) => `${page} explains ${code}, which no package has.`);
for (const fault of [...missing, ...stale]) console.error(fault);
console.log(`error codes: ${inCode.length} in the packages, ${missing.length} not explained, ${stale.length} stale`);
process.exitCode = missing.length + stale.length === 0 && inCode.length > 0 ? 0 : 1;

/** Reads the exported unions called `…Code`: `SinkErrorCode.CLOSED`, and so on. */
function codesIn(path) {
  const text = readFileSync(path, 'utf8');
  if (!/\btype \w+Code\b/.test(text)) return [];
  const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  return statements
    .filter((node) => ts.isTypeAliasDeclaration(node) && /Code$/.test(node.name.text))
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .flatMap(({ name, type }) =>
      (ts.isUnionTypeNode(type) ? type.types : [type])
        .filter((member) => ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal))
        .map((member) => `${name.text}.${member.literal.text}`),
    );
}

function explainedCodes() {
  const codes = new Set();
  let type;
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    const heading = /^#+ `(\w+)`/.exec(line)?.[1];
    if (heading !== undefined) type = heading.replace(/(?:Code)?$/, 'Code');
    const [, code, cause, remedy] = /^\| `([A-Z_]+)` \|([^|]*)\|([^|]*)\|$/.exec(line) ?? [];
    if (code !== undefined && cause.trim() !== '' && remedy.trim() !== '') codes.add(`${type}.${code}`);
  }
  return codes;
}

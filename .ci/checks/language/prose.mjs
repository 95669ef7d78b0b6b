import ts from 'typescript';

/** Statements of InfluxQL are not English. */
const statement = /^\s*(?:SELECT|CREATE|DROP|SHOW|INSERT|ALTER|GRANT|REVOKE|DELETE|KILL|EXPLAIN) /;

/**
 * Reads the prose of a file: its comments, and the strings of its code that hold several words.
 *
 * Each part has the length and the line breaks of the original, with everything that is not prose blanked out, so that
 * an index into it is an index into the file.
 *
 * @returns {{ prose: string, docstrings: { index: number, text: string }[], faults: { index: number, what: string }[] }}
 */
export function readProse(path, text) {
  if (path.endsWith('.md')) return { prose: proseOfMarkdown(text), docstrings: [], faults: [] };
  if (/\.ya?ml$/.test(path))
    return { prose: keepOnly(text, rangesOf(text, /(?<=^|\s)#.*$/gm)), docstrings: [], faults: [] };
  return proseOfCode(path, text);
}

/** Blanks out what Markdown shows as code, and where its links lead. */
function proseOfMarkdown(text) {
  return [/^( *)```.*?^ *```/gms, /^ {4,}(?![-*\d]).*$/gm, /`[^`\n]*`/g, /\]\([^)\s]*\)/g, /<!--.*?-->/gs].reduce(
    (prose, code) => prose.replaceAll(code, blank),
    text,
  );
}

function proseOfCode(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const literals = [];
  const strings = [];
  const faults = [];
  visit(source);
  const comments = rangesOf(blankOut(text, literals), /\/\*[\s\S]*?\*\/|\/\/.*$/gm);
  const prose = keepOnly(text, [...comments, ...strings])
    .replaceAll(/^( *)(\*(?!\/)|\/\/)/gm, blank) // so that a sentence goes on across the lines of a comment
    .replaceAll(/`[^`\n]*`/g, blank);
  const docstrings = comments
    .filter(([start]) => text.startsWith('/**', start))
    .map(([start, end]) => {
      const sentence = text.slice(start + 3, end - 2).replace(/^[\s*]+/, '');
      return { index: end - 2 - sentence.length, text: sentence };
    });
  return { prose, docstrings, faults };

  function visit(node) {
    const start = node.getStart(source);
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || ts.isRegularExpressionLiteral(node)) {
      literals.push([start, node.end]);
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      if (node.text.trim().includes(' ') && !statement.test(node.text)) strings.push([start + 1, node.end - 1]);
    }
    if (ts.isSpreadAssignment(node) && ts.isObjectLiteralExpression(node.expression)) {
      faults.push({ index: start, what: 'an object literal that is spread only packs lines: write its properties' });
    }
    if (node.name?.text === 'require' && (ts.isFunctionLike(node) || ts.isFunctionLike(node.initializer ?? node))) {
      faults.push({ index: start, what: 'a function called `require` reads as Node’s: say what it requires' });
    }
    ts.forEachChild(node, visit);
  }
}

function rangesOf(text, pattern) {
  return [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]);
}

/** Template expressions hold code, whose comments count: only their text is a literal. */
function blankOut(text, ranges) {
  return ranges.reduce(
    (rest, [start, end]) => rest.slice(0, start) + blank(rest.slice(start, end)) + rest.slice(end),
    text,
  );
}

function keepOnly(text, ranges) {
  let kept = '';
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    if (start < kept.length) continue;
    kept += blank(text.slice(kept.length, start)) + text.slice(start, end);
  }
  return kept + blank(text.slice(kept.length));
}

function blank(text) {
  return text.replaceAll(/[^\n]/g, ' ');
}

/**
 * What a reader stumbles over, and what to write instead. A space in a pattern also matches a line break.
 *
 * @type {readonly (readonly [RegExp, string])[]}
 */
const list = [
  [/\bnobody\b/i, 'no one, or say who'],
  [/\b(?:whoever|whomever)\b/i, 'anyone who'],
  [/\b(?:anew|afresh)\b/i, 'again'],
  [/\bmeanwhile\b/i, 'say during what'],
  [/\bhence\b/i, 'so'],
  [/\bshall\b/i, 'must, or will'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix'],
  [
    /\brests\b|\bresting (?:in|on|under|at|beside)\b|(?<!\bthe )\brest (?:in|on|under|at|beside)\b/i,
    'is stored, or stays',
  ],
  [/\btold\b(?! apart)/i, 'say who reports what: "reports the error"'],
  [/\bso (?:many|long|often|much)\b(?! (?:as|that)\b)/i, 'name the number: `n`, "at least `sizeBytes`"'],
  [/\b(?:is|are) no matter of\b/i, 'say what follows from it'],
  [
    /(?<!there )\bis no (?:whole number|number|object|function|string|integer|boolean|array|date|url)\b/i,
    '"Expected a whole number, got `4x`"',
  ],
  [/\bneeds? not\b(?! (?:only|be)\b)/i, 'does not need'],
  [/\b(?:if|unless) not said\b|\bunless said\b/i, 'default: …'],
  [
    /\b(?:thereof|thereby|whereof|wherein|therein|whereby|upon|lest|albeit|must needs|whilst|amongst)\b/i,
    "today's word",
  ],
  [
    /\b(?:behaviou|colou|favou|honou|neighbou|labou|rumou|vapou)rs?\b|\b(?:behaviou|colou|favou|honou|neighbou)r(?:ed|ing|al|able|ite)\w*/i,
    'American spelling: -or',
  ],
  [
    /\b\w*(?:initial|serial|recogn|normal|organ|optim|summar|categor|minim|maxim|synchron|capital|prior|util|author|custom|standard|final)is(?:e|es|ed|ing|ation|ations|er|ers)\b/i,
    'American spelling: -ize',
  ],
  [/\b(?:cancell|labell|modell|travell|signall|channell|fuell|levell|totall)(?:ed|ing)\b/i, 'American spelling: one l'],
  [
    /\b(?:licence|defence|centre|catalogue|artefact|grey|analys(?:e|es|ed|ing)|fulfils?|judgement)\b/i,
    'American spelling',
  ],
  [/\b(?:misspelt|learnt|spelt|burnt|dreamt|leant)\b/i, 'American spelling: -ed'],
];

/** What stays although a pattern finds it: the name of a promise, a user's name in InfluxQL, a word quoted as a word. */
export const exceptions = /\bfiles need nobody\b|\buser '?nobody\b|["“]\w+["”]/gi;

/** The patterns, made ready for text in which a line break may stand for a space. */
export const words = list.map(([pattern, instead]) => [
  new RegExp(pattern.source.replaceAll(' ', '\\s+'), 'gi'),
  instead,
]);

/** A docstring that begins with one of these is a fragment, not a sentence. */
export const fragmentOpening =
  /^(Of|In|To|By|With|For|Where|Whether|From|At|On|Below|Above|Behind|Beyond|As|Without|Between|Under|After|Before|Beside|Among|Within|Into|Until|Since|Through|Per|Against|Toward|Over|Beneath|Upon)\b/;

import { defineConfig } from 'tsup';

/** One way to build every package: ESM and CommonJS with types, the `node:` prefix kept. */
/**
 * esbuild makes a `var` of every `const` at the top level when it bundles. V8 folds a table or a byte's code into the code that
 * uses it only if it is constant: the scanner of line protocol loses a seventh of its speed without. No package has a
 * `let` there, so what esbuild initialises is never assigned again.
 */
const keepConst = {
  name: 'keep-const',
  renderChunk: (code: string) => ({ code: code.replaceAll(/^var (\w+) = /gm, 'const $1 = ') }),
};

export default defineConfig({
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: true,
  sourcemap: true,
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
  plugins: [keepConst],
});

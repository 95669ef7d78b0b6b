import { defineConfig } from 'tsup';

/**
 * esbuild makes a `var` of every `const` at the top level when it bundles. V8 folds a table or a byte's code into the code that
 * uses it only if it is constant: without that the scanner of line protocol loses a seventh of its speed. No package has a
 * `let` there, so what esbuild initializes is never assigned again.
 */
const keepConst = {
  name: 'keep-const',
  renderChunk: (code: string) => ({ code: code.replaceAll(/^var (\w+) = /gm, 'const $1 = ') }),
};

/** Never published: its code and its types go into each package that uses it. */
const bundled = /^@ceres\/internal/;

/** One way to build every package: ESM and CommonJS with types, the `node:` prefix kept. */
export default defineConfig({
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: { resolve: [bundled] },
  noExternal: [bundled],
  sourcemap: true,
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
  plugins: [keepConst],
});

import { basename, join, relative, resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';

/** Holds the declarations of every source: `.ci/launch.mjs` makes them in one pass for all packages before it builds. */
const declarations = resolve(import.meta.dirname, '../.cache/declarations');
const packages = resolve(import.meta.dirname, '../packages');

/** Returns the declarations of the entries, which only have to be joined into one file each. */
function declaredEntries(entry: Options['entry']): Record<string, string> {
  const sources = Array.isArray(entry)
    ? entry.map((path) => [basename(path, '.ts'), path] as const)
    : Object.entries(entry ?? {});
  const declared = (path: string) => join(declarations, relative(packages, path)).replace(/\.ts$/, '.d.ts');
  return Object.fromEntries(sources.map(([name, path]) => [name, declared(resolve(path))]));
}

/**
 * When esbuild bundles, it makes a `var` of every `const` at the top level. V8 folds a table or a byte's code into the code that
 * uses it only if it is constant: without this step the scanner of line protocol loses a seventh of its speed. No package has a
 * `let` there, so what esbuild initializes is never assigned again. `checks/packages.mjs` fails when either stops being true.
 */
const keepConst = {
  name: 'keep-const',
  renderChunk: (code: string) => ({ code: code.replaceAll(/^var (\w+|\[.*?\]|\{.*?\}) = /gm, 'const $1 = ') }),
};

/**
 * One way to build every package: ESM and CommonJS with types, the `node:` prefix kept.
 *
 * `@ceres/internal` is never published: its code and its types go into each package that uses it. Types are taken only from what
 * looks like the package's own source, which is what the path is for.
 */
export default defineConfig(({ entry }) => ({
  format: ['esm', 'cjs'],
  target: 'node20',
  noExternal: ['@ceres/internal'],
  dts: {
    entry: declaredEntries(entry),
    compilerOptions: {
      customConditions: [],
      paths: { '@ceres/internal': [join(declarations, 'internal/src/index.d.ts')] },
    },
  },
  sourcemap: true,
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
  // `import.meta.url` in CommonJS, where a package looks for a file of its own.
  shims: true,
  plugins: [keepConst],
  // Two entries of a package export to each other what both use, and V8 folds no exported constant: without this step, which puts
  // numbers in their places, lineproto's scanner loses 6 %. CommonJS exports by assignment, so its constants stay local.
  esbuildOptions(options, { format }) {
    options.minifySyntax = format === 'esm';
  },
}));

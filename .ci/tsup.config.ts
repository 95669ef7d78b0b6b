import { defineConfig } from 'tsup';

/** One way to build every package: ESM and CommonJS with types, the `node:` prefix kept. */
export default defineConfig({
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: true,
  sourcemap: true,
  clean: true,
  splitting: true,
  removeNodeProtocol: false,
});

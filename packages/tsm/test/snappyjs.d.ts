/** The package has no types of its own. */
declare module 'snappyjs' {
  const snappy: {
    compress(text: Uint8Array): Uint8Array;
    uncompress(block: Uint8Array): Uint8Array;
  };
  // biome-ignore lint/style/noDefaultExport: the package is CommonJS.
  export default snappy;
}

/** Returns a header of a tar archive, as Go writes it. */
export function tarHeader(name: string, sizeBytes: number, type = '0'): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write('0000644\0', 100);
  block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar\0', 257);
  block.write('00', 263);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Returns a file of a tar archive: its header, and its bytes up to the next block. */
export function tarFile(name: string, content: Uint8Array, type?: string): Buffer {
  return Buffer.concat([tarHeader(name, content.length, type), content, Buffer.alloc(-content.length & 511)]);
}

/** The two blocks of zeros. */
export const tarEnd: Buffer = Buffer.alloc(1024);

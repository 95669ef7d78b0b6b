import type { FileHeader } from '../../header/file-header';
import type { HeaderCrc } from '../../header/header-crc';
import type { FileDamage, FilePlace } from './file-integrity';

/** Returns what is wrong with a header: by its own checksum, or by where the file is stored. */
export function headerDamage(header: FileHeader, crc: HeaderCrc, place: FilePlace | undefined): FileDamage | undefined {
  if (crc === 'wrong') {
    return { fault: 'header-damaged', reason: 'the header does not match its own checksum (CERES-HEADER-CRC)' };
  }
  return place && contradiction(header, place);
}

/** Returns in what a header contradicts the file's name. A file of an older system does not say which instance it is of. */
function contradiction(header: FileHeader, place: FilePlace): FileDamage | undefined {
  const { instance = place.instance } = header;
  if (instance !== place.instance) return otherPlace('instance', instance, place.instance);
  if (header.database !== place.database) return otherPlace('database', header.database, place.database);
  if ((header.mixed !== undefined) !== (place.mixed === true)) {
    const [says, named] = header.mixed ? ['several policies', 'a single one'] : ['a single policy', 'several'];
    return { fault: 'other-place', reason: `the header names ${says}, but the file is stored under ${named}` };
  }
  const policy = place.retentionPolicy ?? '';
  if (place.mixed !== true && header.retentionPolicy !== policy) {
    return otherPlace('policy', header.retentionPolicy, policy);
  }
  return undefined;
}

function otherPlace(what: string, inHeader: string, inName: string): FileDamage {
  const shown = (name: string) => (name === '' ? 'the default' : `'${name}'`);
  return {
    fault: 'other-place',
    reason: `the header names the ${what} ${shown(inHeader)}, but the file is stored under ${shown(inName)}`,
  };
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { available, once } from '../servers/available';
import { unpackDebianPackages } from '../servers/debian';

const run = promisify(execFile);

/** A browser without a window, for `playwright-core`. */
export interface ChromiumBinary {
  readonly executablePath: string;
  readonly env: Record<string, string>;
}

/**
 * Finds Chromium on this machine: on PATH, or else unpacked from Debian's packages, with its libraries and a font. A process looks only once.
 *
 * @throws Error that says how to get it
 */
export const findChromium: () => Promise<ChromiumBinary> = once(find);

/** Returns whether tests in a real browser can run, like `influxdAvailable`. */
export function chromiumAvailable(): Promise<boolean> {
  return available('a real browser', findChromium);
}

async function find(): Promise<ChromiumBinary> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  try {
    const installed = '/usr/bin/chromium';
    if (await runs({ executablePath: installed, env })) return { executablePath: installed, env };
    const { binDir, libraryPath } = await unpackDebianPackages(
      ['chromium-headless-shell', 'fonts-dejavu-core'],
      'chromium-headless-shell',
    );
    const libraries = libraryPath.replaceAll(/([^:]+)/g, '$1:$1/pulseaudio');
    const root = join(binDir, '../..');
    const unpacked = {
      // What is in /usr/bin is a script that knows only the installed path.
      executablePath: join(root, 'usr/lib/chromium/chromium-headless-shell'),
      // PulseAudio's own library is in a folder of its own. Fontconfig also looks for fonts in the data folder of the user.
      env: { ...env, LD_LIBRARY_PATH: libraries, XDG_DATA_HOME: join(root, 'usr/share') },
    };
    await run(unpacked.executablePath, ['--version'], { env: unpacked.env });
    return unpacked;
  } catch (cause) {
    throw new Error(
      'Found no Chromium: it is not installed, and Debian’s packages cannot be fetched. ' +
        `Run \`apt-get install chromium\`. (${cause instanceof Error ? cause.message.trim() : String(cause)})`,
      { cause },
    );
  }
}

function runs({ executablePath, env }: ChromiumBinary): Promise<boolean> {
  return run(executablePath, ['--version'], { env }).then(
    () => true,
    () => false,
  );
}

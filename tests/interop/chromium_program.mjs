// Where Chromium is: installed, or unpacked with its libraries (see harness/setup/packages.sh); its
// start script knows only the former place.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const prefix = join(here, '../../.cache/programs');
const unpacked = join(prefix, 'usr/lib/chromium/chromium');
const libraries = existsSync(join(prefix, 'usr/lib'))
  ? readdirSync(join(prefix, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(prefix, 'usr/lib', name))
    .flatMap((folder) => [folder, join(folder, 'pulseaudio')]) : [];

/// { program, env } to start it with.
export const chromium = existsSync(unpacked)
  ? { program: unpacked, env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') } }
  : { program: 'chromium', env: process.env };

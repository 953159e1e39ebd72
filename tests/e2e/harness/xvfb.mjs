// The windows of native apps: found, driven and captured as a person would, through the X server.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const results = new URL('../results/', import.meta.url).pathname;

// What a window manager sends when the close button is pressed; xdotool has no word for it everywhere.
const CLOSE = `
import ctypes, sys
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
x.XInternAtom.restype = ctypes.c_ulong
class Message(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("sent", ctypes.c_int), ("display", ctypes.c_void_p),
                ("window", ctypes.c_ulong), ("kind", ctypes.c_ulong), ("format", ctypes.c_int), ("data", ctypes.c_long * 5),
                ("room", ctypes.c_long * 12)]
display, window = ctypes.c_void_p(x.XOpenDisplay(None)), int(sys.argv[1])
atom = lambda name: x.XInternAtom(display, name, 0)
close = Message(33, 0, 1, display, window, atom(b"WM_PROTOCOLS"), 32, (ctypes.c_long * 5)(atom(b"WM_DELETE_WINDOW"), 0, 0, 0, 0))
x.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(close))
x.XCloseDisplay(display)
`;

/** One window of a process. */
export class AppWindow {
  constructor(id) {
    this.id = id;
  }

  /** The visible window of a process, as soon as there is one; null while there is none. */
  static async of(pid) {
    try {
      const { stdout } = await run('xdotool', ['search', '--onlyvisible', '--pid', String(pid)]);
      const sized = [];
      for (const id of stdout.trim().split('\n').filter(Boolean)) {
        const window = new AppWindow(id);
        const { width } = await window.size();
        sized.push([width, window]);
      }
      // GTK keeps helper windows of a few pixels.
      sized.sort((a, b) => b[0] - a[0]);
      return sized[0]?.[0] > 100 ? sized[0][1] : null;
    } catch {
      return null;
    }
  }

  async size() {
    const { width, height } = await this.place();
    return { width, height };
  }

  /** Where it stands on the screen, and how large. */
  async place() {
    const { stdout } = await run('xdotool', ['getwindowgeometry', '--shell', this.id]);
    const value = (name) => Number(stdout.match(new RegExp(`^${name}=(-?\\d+)$`, 'm'))?.[1]);
    return { x: value('X'), y: value('Y'), width: value('WIDTH'), height: value('HEIGHT') };
  }

  async resize(width, height) {
    await run('xdotool', ['windowsize', '--sync', this.id, String(width), String(height)]);
  }

  /** Asks it to close, as its close button does. */
  async close() {
    await run('python3', ['-c', CLOSE, this.id]);
  }

  /** Presses keys, by X's names (`c`, `ctrl+Return`), one after the other. */
  async press(...keys) {
    await this.#focus();
    await run('xdotool', ['key', '--clearmodifiers', '--delay', '40', ...keys]);
  }

  /** Types text, key by key. */
  async type(text) {
    await this.#focus();
    await run('xdotool', ['type', '--clearmodifiers', '--delay', '40', text]);
  }

  /** Clicks at a point of the window. */
  async click(x, y) {
    await run('xdotool', ['mousemove', '--window', this.id, '--sync', String(x), String(y), 'click', '1']);
  }

  // Without a window manager nobody else gives the focus.
  async #focus() {
    await run('xdotool', ['windowfocus', '--sync', this.id]);
  }

  /** A picture of the window, also kept as results/<name>.png. */
  async capture(name) {
    await mkdir(results, { recursive: true });
    const file = `${results}${name}.png`;
    await run('import', ['-silent', '-window', this.id, file]);
    const { stdout } = await run('convert', [file, '-depth', '8', 'rgb:-'], { encoding: 'buffer', maxBuffer: 64 << 20 });
    return new Picture(file, stdout, (await this.size()).width);
  }
}

/** The pixels of a capture. */
class Picture {
  constructor(file, rgb, width) {
    Object.assign(this, { file, rgb, width });
  }

  /** How many different colours: a blank window has one or two. */
  get colours() {
    const seen = new Set();
    for (let i = 0; i < this.rgb.length; i += 3) seen.add((this.rgb[i] << 16) | (this.rgb[i + 1] << 8) | this.rgb[i + 2]);
    return seen.size;
  }

  /** How many pixels at the right of `left` are of `[r, g, b]`, give or take what blending at edges does. */
  count([r, g, b], left = 0, tolerance = 6) {
    let found = 0;
    for (let i = 0; i < this.rgb.length; i += 3) {
      if ((i / 3) % this.width < left) continue;
      const far = Math.max(Math.abs(this.rgb[i] - r), Math.abs(this.rgb[i + 1] - g), Math.abs(this.rgb[i + 2] - b));
      if (far <= tolerance) found += 1;
    }
    return found;
  }
}

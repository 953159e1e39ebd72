// Pictures to look at while working on the looks: with ALMANAC_LOOK=folder. Those that are compared are in specs/pictures.spec.mjs.
import { mkdir } from 'node:fs/promises';

export async function look(calendar, name) {
  if (!process.env.ALMANAC_LOOK) return;
  await mkdir(process.env.ALMANAC_LOOK, { recursive: true });
  await calendar.page.screenshot({ path: `${process.env.ALMANAC_LOOK}/${name}.png`, animations: 'disabled' });
}

// The rows of the execution table that were asked for lately: a bounded number of pages of them.

import { askJson } from "./server.js";
import { tell } from "./news.js";

const SIZE = 100; // rows in a page
const KEPT = 20; // pages that are kept, those used last
const MOST = 500; // rows in one response

const pages = new Map(); // from the page used longest ago to the one used last
let version = 0; // grows with each change that is heard of
let wanted = null; // the range to fetch next
let fetching = false;

const pageOf = (step) => Math.floor((step - 1) / SIZE);

// A page has its rows by their place, and the version as of which each is out of date, if it is.
function page(number) {
  const found = pages.get(number) ?? { rows: [], stale: new Map() };
  pages.delete(number);
  pages.set(number, found);
  for (const oldest of pages.keys()) {
    if (pages.size <= KEPT) break;
    pages.delete(oldest);
  }
  return found;
}

export const rowAt = (step) => pages.get(pageOf(step))?.rows[(step - 1) % SIZE];

// Rows that have changed since they were fetched: some steps, and all from "first" on.
export function markChanged(steps, first) {
  version += 1;
  for (const step of steps) pages.get(pageOf(step))?.stale.set((step - 1) % SIZE, version);
  for (const [number, own] of pages) {
    for (let place = 0; place < SIZE && number >= pageOf(first); place += 1)
      if (number * SIZE + place + 1 >= first) own.stale.set(place, version);
  }
}

// Fetches what is missing or out of date of a range; "rows" is told when something came.
export function wantRows(first, last) {
  wanted = [first, last];
  if (!fetching) fetchWanted();
}

function lacking([first, last]) {
  let from = 0;
  let to = 0;
  for (let step = first; step <= last; step += 1) {
    const own = page(pageOf(step));
    const place = (step - 1) % SIZE;
    if (own.rows[place] && !own.stale.has(place)) continue;
    from ||= step;
    to = step;
  }
  return from ? [from, Math.min(to, from + MOST - 1)] : null;
}

async function fetchWanted() {
  fetching = true;
  try {
    for (let range; wanted && (range = lacking(wanted)); ) {
      const asOf = version;
      const { rows } = await askJson(`/api/rows?from=${range[0]}&to=${range[1]}`);
      if (!rows.length) break; // they are not there (any more)
      take(rows, asOf);
      tell("rows", rows);
    }
  } catch {
    // the connection says so; they are asked for again when it is back
  } finally {
    fetching = false;
  }
}

function take(rows, asOf) {
  for (const row of rows) {
    const own = page(pageOf(row.step));
    const place = (row.step - 1) % SIZE;
    own.rows[place] = row;
    if (own.stale.get(place) <= asOf) own.stale.delete(place);
  }
}

// One row, now or when it comes; null if there is none.
export async function rowOf(step) {
  const known = rowAt(step);
  if (known) return known;
  const asOf = version;
  const { rows } = await askJson(`/api/rows?from=${step}&to=${step}`);
  take(rows, asOf);
  return rows[0] ?? null;
}

// The server's events, read with "fetch": an EventSource cannot send the token.

import { ask, Refused, Wrong } from "./server.js";

const FIRST_WAIT = 250; // milliseconds before the first new attempt; each further one doubles it
const LONGEST_WAIT = 8000;
const SILENCE = 40_000; // heartbeats come more often than this

// Calls "on.event(name, data)" for each event, in order and once, and "on.connection(state)" with
// "open", "away", "full" or "refused". "after" is the id of the last event that is known.
export async function listen(after, on) {
  let wait = FIRST_WAIT;
  for (;;) {
    let state = "away";
    try {
      await readOnce(after, on, (id) => {
        wait = FIRST_WAIT;
        after = id ?? after;
      });
    } catch (error) {
      if (error instanceof Refused) return on.connection("refused");
      if (error instanceof Wrong && error.status < 500 && error.status !== 429) throw error;
      if (error instanceof Wrong && error.status === 503) state = "full";
    }
    on.connection(state);
    await pause(wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

async function readOnce(after, on, received) {
  const stop = new AbortController();
  let silent;
  const heard = () => {
    clearTimeout(silent);
    silent = setTimeout(() => stop.abort(), SILENCE);
  };
  try {
    heard();
    const response = await ask(`/api/stream?after=${encodeURIComponent(after)}`, { signal: stop.signal });
    on.connection("open");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      text += value;
      const blocks = text.split(/\r?\n\r?\n/);
      text = blocks.pop();
      for (const block of blocks) {
        const { id, name, data } = parse(block);
        if (data !== null) on.event(name, JSON.parse(data));
        received(id);
      }
    }
  } finally {
    clearTimeout(silent);
    stop.abort();
  }
}

// A block of lines "field: value"; a line that begins with a colon is a heartbeat.
function parse(block) {
  const event = { id: null, name: "message", data: null };
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^([a-z]*):? ?(.*)$/.exec(line) ?? [];
    if (field === "id") event.id = value;
    else if (field === "event") event.name = value;
    else if (field === "data") event.data = event.data === null ? value : `${event.data}\n${value}`;
  }
  return event;
}

// Waits, but not after the network or the tab has come back.
function pause(milliseconds) {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener("online", go);
      document.removeEventListener("visibilitychange", go);
      resolve();
    };
    const timer = setTimeout(go, milliseconds);
    window.addEventListener("online", go);
    document.addEventListener("visibilitychange", go);
  });
}

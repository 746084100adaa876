// What one part of the page tells the others: the step, the mode, new rows, the connection.

const listeners = new Map();

export function on(name, listener) {
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

export function tell(name, value) {
  for (const listener of listeners.get(name) ?? []) listener(value);
}

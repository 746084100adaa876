// Short names for what every part of a page asks of the document.

export const root = document.documentElement;
export const all = (query, from = document) => [...from.querySelectorAll(query)];
export const one = (query, from = document) => from.querySelector(query);

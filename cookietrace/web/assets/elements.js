// Builds elements. Text is only ever set as text: nothing from the wire can become markup.

// "properties" are attributes; one that is false, null or undefined is left out, and an empty class.
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === "class" && !value) continue;
    made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function svgElement(name, properties = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A sign with the colour of its mark.
export const sign = (mark, text) => element("i", { class: mark, "data-sign": text });

// What a mark is called on the page; "not-deleted" is an id.
export const markName = (mark) => mark.replaceAll("-", " ");

// Marks with their signs; a screen reader reads the mark.
export const signs = (marks) =>
  marks.flatMap(({ mark, sign: text }) => [" ", sign(mark, text), element("span", { class: "aside" }, markName(mark))]);

// A text whose long words may break after a slash or an equals sign.
export function breakable(text) {
  const parts = document.createDocumentFragment();
  text.split(/(?<=[/=])(?![/=])/).forEach((part, index) => {
    if (index) parts.append(element("wbr"));
    parts.append(part);
  });
  return parts;
}

// A link to a step in the table; "start.js" makes the address select it.
export const stepLink = (label, text = label) => element("a", { href: `#table-${label}` }, text);

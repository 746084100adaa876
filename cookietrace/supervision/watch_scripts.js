// Reports what the scripts of a page write into its cookies, and from which line.
//
// It runs in every document before any script of the page. Everything that it uses later is taken
// out of the page's reach first, so that a page that changes the built-in objects breaks nothing.
(() => {
  "use strict";
  const report = globalThis["@BINDING@"];
  delete globalThis["@BINDING@"];
  if (typeof report !== "function" || typeof Document !== "function") return;

  const OURS = "@NAME@";
  const LONGEST = 8192;  // characters of one text: a browser stores fewer
  const MOST_FRAMES = 32;
  const MOST_A_SECOND = 200;
  const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;
  const { stringify } = JSON;
  const { now } = Date;
  const { slice } = String.prototype;
  const { Error, location, origin } = globalThis;

  // Of the frames of a stack, the first that is not ours and is in a file: an inline script is in
  // its page, and evaluated code in the file that evaluates it, unless it names itself.
  const first = (_, frames) => {
    for (let at = 0; at < frames.length; at++) {
      const name = frames[at].getScriptNameOrSourceURL();
      if (name && name !== OURS) return { name, line: frames[at].getLineNumber() };
    }
    return {};
  };

  const set = (name, value) =>
    defineProperty(Error, name, {
      __proto__: null, value, writable: true, enumerable: true, configurable: true,
    });
  const restore = (name, before) => {
    if (before) defineProperty(Error, name, before);
    else deleteProperty(Error, name);
  };

  const caller = () => {
    const limit = getOwnPropertyDescriptor(Error, "stackTraceLimit");
    const prepare = getOwnPropertyDescriptor(Error, "prepareStackTrace");
    try {
      set("stackTraceLimit", MOST_FRAMES);
      set("prepareStackTrace", first);
      const found = new Error().stack;
      return typeof found === "object" ? found : {};  // a text if the page has frozen Error
    } finally {
      restore("stackTraceLimit", limit);
      restore("prepareStackTrace", prepare);
    }
  };

  const text = (value) => stringify(apply(slice, `${value ?? ""}`, [0, LONGEST]));

  let since = 0;
  let left = 0;
  // Only texts are made into JSON: a page can change how objects and arrays are.
  const tell = (at, kind, parts) => {
    try {
      if (at - since > 1000 || at < since) {
        since = at;
        left = MOST_A_SECOND;
      }
      if (left-- <= 0) return;
      const { name, line } = caller();
      let message = `[${at},${text(kind)},${text(origin)},${text(location.href)},${text(name)}`;
      message += `,${typeof line === "number" ? line : 0}`;
      const all = parts();
      for (let each = 0; each < all.length; each++) message += `,${text(all[each])}`;
      report(`${message}]`);
    } catch {
      // What cannot be told is not told: the page continues as it would.
    }
  };

  const cookie = getOwnPropertyDescriptor(Document.prototype, "cookie");
  if (cookie?.set && cookie.configurable) {
    const { set: native } = cookie;
    const wrapped = {
      set cookie(value) {
        const line = `${value}`;  // once: it may be an object of the page
        const at = now();
        apply(native, this, [line]);
        tell(at, "document.cookie", () => [line]);
      },
    };
    const { set: setter } = getOwnPropertyDescriptor(wrapped, "cookie");
    defineProperty(Document.prototype, "cookie", { ...cookie, set: setter });
  }

  const store = globalThis.CookieStore?.prototype;
  const options = (of, value) =>
    typeof of === "object" && of !== null
      ? [of.name, of.value, of.domain, of.path, of.expires ?? of.maxAge]
      : [of, value, "", "", ""];
  const wrap = (name, method) => {
    const before = store && getOwnPropertyDescriptor(store, name);
    if (typeof before?.value !== "function" || !before.configurable) return;
    defineProperty(store, name, { ...before, value: method(before.value) });
  };
  wrap("set", (native) => ({
    set(name) {
      const at = now();
      const result = apply(native, this, arguments);
      tell(at, "cookieStore.set", () => options(name, arguments[1]));
      return result;
    },
  }).set);
  wrap("delete", (native) => ({
    delete(name) {
      const at = now();
      const result = apply(native, this, arguments);
      tell(at, "cookieStore.delete", () => options(name));
      return result;
    },
  }).delete);
})();
//# sourceURL=@NAME@

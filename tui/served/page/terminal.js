// Opens the terminal of textual-serve (textual.js) with this server's token.
"use strict";
(() => {
  const KEPT = "cookietrace-terminal-token";
  const PROTOCOL = "cookietrace.terminal";
  const LEAST = { columns: 80, rows: 24 };
  const FONT = { family: "Roboto Mono", largest: 16, smallest: 9, width: 0.6, height: 1.32 };
  const EDGES_AFTER = 200; // milliseconds

  // By close code, as in tui/served/tab.py: a sentence, and whether opening again can help.
  const SENTENCES = {
    1000: ["The screen was closed.", true],
    1001: ["cookietrace has ended.", false],
    1006: ["The connection to cookietrace was lost.", true],
    4400: ["The page and cookietrace do not match. Reload the page.", true],
    4401: ["Open the address that cookietrace printed when it started: this one is not valid.", false],
    4429: ["Too many tabs are open. Close one of them, then open this one again.", true],
    4500: ["The screen could not continue.", true],
  };

  const element = (id) => document.getElementById(id);

  function show(code, reason) {
    const [sentence, again] = SENTENCES[code] ?? SENTENCES[1006];
    element("sentence").textContent = sentence;
    element("reason").textContent = reason;
    element("again").hidden = !again;
    element("message").hidden = false;
    element("opening").hidden = true;
    if (again) element("again").focus();
  }

  // The token comes in the fragment, which is sent to no server, and stays in this tab.
  function takeToken() {
    const given = new URLSearchParams(location.hash.slice(1)).get("token");
    if (given) {
      sessionStorage.setItem(KEPT, given);
      history.replaceState(null, "", location.pathname);
    }
    const token = sessionStorage.getItem(KEPT) ?? "";
    return /^[\w-]+$/.test(token) ? token : "";
  }

  // What is left beside the last whole cell takes the colour of the screen's lower edge.
  let edges = 0;
  function matchEdges() {
    edges = 0;
    const screen = document.querySelector(".xterm-text-layer");
    const pixel = document.createElement("canvas");
    pixel.width = pixel.height = 1;
    const drawing = pixel.getContext("2d");
    if (!screen?.height || !drawing) return;
    drawing.drawImage(screen, 0, screen.height - 1, 1, 1, 0, 0, 1, 1);
    const [red, green, blue, opaque] = drawing.getImageData(0, 0, 1, 1).data;
    if (opaque) document.body.style.backgroundColor = `rgb(${red} ${green} ${blue})`;
  }

  // textual.js opens the WebSocket by its address alone.
  function socketWithToken(token) {
    return class extends WebSocket {
      constructor(address) {
        super(address, [PROTOCOL, `token.${token}`]);
        this.addEventListener("close", (event) => {
          if (event.code === 4401) sessionStorage.removeItem(KEPT);
          show(event.code, event.reason);
        });
        this.addEventListener("message", () => {
          edges ||= setTimeout(matchEdges, EDGES_AFTER);
        });
      }

      send(data) {
        if (this.readyState === WebSocket.OPEN) super.send(data);
      }
    };
  }

  function load(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    });
  }

  function fontSize() {
    const fitting = Math.floor(Math.min(
      innerWidth / LEAST.columns / FONT.width,
      innerHeight / LEAST.rows / FONT.height,
    ));
    return Math.max(FONT.smallest, Math.min(FONT.largest, fitting));
  }

  async function start() {
    element("again").addEventListener("click", () => location.reload());
    const token = takeToken();
    if (!token) {
      show(4401, "");
      return;
    }
    window.WebSocket = socketWithToken(token);
    window.open = () => null; // links in the screen are text: it may show any site's
    const size = fontSize();
    const terminal = element("terminal");
    terminal.dataset.fontSize = String(size);
    terminal.dataset.sessionWebsocketUrl =
      `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/terminal`;
    // The terminal measures the font's cells when it opens.
    const styles = ["", "bold ", "italic ", "italic bold "];
    await Promise.all(styles.map((style) => document.fonts.load(`${style}${size}px "${FONT.family}"`)));
    await load("textual.js");
    window.onload(new Event("load"));
    terminal.querySelector("textarea")?.focus();
  }

  window.addEventListener("hashchange", () => location.reload());
  const begin = () => start().catch(() => show(1006, ""));
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin, { once: true });
})();

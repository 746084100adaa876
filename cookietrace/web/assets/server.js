// Asks the server. The token comes in the address once, and stays out of it from then on.

const KEY = "cookietrace-token";
let token = null;

// Moves the token of "#token=…" into the session, so that a reload has it and a copied address
// has not. Storage may be blocked: then it lasts until the page is left.
export function takeToken() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get("token");
  if (given !== null) history.replaceState(null, "", location.pathname + location.search);
  try {
    if (given) sessionStorage.setItem(KEY, given);
    token = sessionStorage.getItem(KEY);
  } catch {
    // a session without storage
  }
  token = given || token;
  return Boolean(token);
}

export class Refused extends Error {}

// What the server says is wrong with a request, in one line.
export class Wrong extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

// Returns the response. Throws "Refused" for a wrong token, "Wrong" for what the server does not
// have, and whatever "fetch" throws if it is away.
export async function ask(path, { signal, body } = {}) {
  const response = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal,
  });
  if (response.status === 401) throw new Refused();
  if (!response.ok) throw new Wrong(await reasonOf(response), response.status);
  return response;
}

async function reasonOf(response) {
  try {
    return (await response.json()).error ?? response.statusText;
  } catch {
    return response.statusText;
  }
}

export const askJson = async (path, options) => (await ask(path, options)).json();

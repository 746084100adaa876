// Runs once in Firefox's own window. For each cookie jar (a container's number, or "private") it
// counts the requests in progress, and it notes what each response stored.
globalThis.judge = (() => {
  const { ContextualIdentityService } = ChromeUtils.importESModule(
    "resource://gre/modules/ContextualIdentityService.sys.mjs"
  );
  const { NavigableManager } = ChromeUtils.importESModule(
    "chrome://remote/content/shared/NavigableManager.sys.mjs"
  );
  const proxies = Cc["@mozilla.org/network/protocol-proxy-service;1"].getService(
    Ci.nsIProtocolProxyService
  );
  const SERIAL = "judge-serial";
  const ACTIONS = { 0: "deleted", 1: "added", 2: "changed" };
  const key = attributes =>
    attributes.privateBrowsingId ? "private" : String(attributes.userContextId);
  const open = new Map(); // jar -> channel -> URL
  const idle = new Map(); // jar -> functions to call when it has no request left
  const notes = new Map(); // jar -> what happened since it was last taken
  let current = null; // the response whose cookies are being stored
  let port = 0; // of the proxy for the private window

  const at = (map, name, made) => map.get(name) ?? map.set(name, made()).get(name);
  const note = (jar, one) => at(notes, jar, () => []).push(one);

  const opening = channel => {
    const jar = key(channel.loadInfo.originAttributes);
    at(open, jar, () => new Map()).set(channel.channelId, channel.URI.spec);
  };
  const ended = channel => {
    const jar = key(channel.loadInfo.originAttributes);
    const left = at(open, jar, () => new Map());
    left.delete(channel.channelId);
    // One that was upgraded to https, or that a service worker let pass, ends under a new number.
    const { redirectChain, redirectChainIncludingInternalRedirects: hops } = channel.loadInfo;
    if (hops.length > redirectChain.length) {
      const before = hops.map(hop => hop.principal.spec);
      left.delete([...left].find(([, url]) => before.includes(url))?.[0]);
    }
    // A redirect's next request opens in the same turn as the one before it ends.
    Services.tm.dispatchToMainThread(() => {
      if (!left.size) {
        for (const resolve of idle.get(jar)?.splice(0) ?? []) {
          resolve();
        }
      }
    });
  };
  const responded = channel => {
    const fields = {};
    channel.visitResponseHeaders((name, value) => {
      fields[name.toLowerCase()] = value;
    });
    if (!(SERIAL in fields)) {
      return;
    }
    const jar = key(channel.loadInfo.originAttributes);
    const one = { jar, serial: Number(fields[SERIAL]) };
    note(jar, { serial: one.serial, at: Date.now(), lines: fields["set-cookie"] ?? "" });
    // Its cookies are stored in this turn, after these observers.
    current = one;
    Services.tm.dispatchToMainThread(() => {
      current = current === one ? null : current;
    });
  };
  const wrote = notification => {
    const { cookie } = notification;
    const action = ACTIONS[notification.action];
    if (action && current && key(cookie.originAttributes) === current.jar) {
      const { name, value, host, path } = cookie;
      note(current.jar, { serial: current.serial, action, name, value, host, path });
    }
  };
  const channels = {
    "http-on-opening-request": opening,
    "http-on-stop-request": ended,
    "http-on-failed-opening-request": ended,
    "http-on-examine-response": responded,
    "http-on-examine-merged-response": responded,
    "http-on-examine-cached-response": responded,
  };
  const observer = {
    observe(subject, topic) {
      if (topic in channels) {
        channels[topic](subject.QueryInterface(Ci.nsIHttpChannel).QueryInterface(Ci.nsIIdentChannel));
      } else {
        wrote(subject.QueryInterface(Ci.nsICookieNotification));
      }
    },
  };
  for (const topic of [...Object.keys(channels), "cookie-changed", "private-cookie-changed"]) {
    Services.obs.addObserver(observer, topic);
  }

  proxies.registerChannelFilter(
    {
      applyFilter(channel, usual, result) {
        const ours = port && channel.loadInfo?.originAttributes.privateBrowsingId;
        result.onProxyFilterResult(
          ours ? proxies.newProxyInfo("http", "127.0.0.1", port, "", "", 0, 0xffffffff, null) : usual
        );
      },
    },
    0
  );

  // Painting takes a quarter of the browser's time. The pages are in background tabs anyway.
  window.minimize();

  // The automation turns this off in private windows: users have it on.
  Services.prefs.clearUserPref("privacy.trackingprotection.pbmode.enabled");

  const pattern = jar =>
    JSON.stringify(jar === "private" ? { privateBrowsingId: 1 } : { userContextId: Number(jar) });
  // Expired cookies stay on Firefox's list until it needs the room.
  const list = jar =>
    Services.cookies
      .getCookiesWithOriginAttributes(pattern(jar))
      .filter(one => one.isSession || one.expiry > Date.now());

  return {
    // Trust a certificate authority, in this profile.
    trust(base64) {
      Cc["@mozilla.org/security/x509certdb;1"]
        .getService(Ci.nsIX509CertDB)
        .addCertFromBase64(base64, "C,,");
    },
    // The number of the container that was made last.
    newest() {
      return String(Math.max(...ContextualIdentityService.getPublicUserContextIds()));
    },
    settled(jar) {
      return open.get(jar)?.size
        ? new Promise(resolve => at(idle, jar, () => []).push(resolve))
        : null;
    },
    unsettled(jar) {
      return JSON.stringify([...(open.get(jar)?.values() ?? [])]);
    },
    take(jar) {
      return JSON.stringify(notes.get(jar)?.splice(0) ?? []);
    },
    // The whole jar. ``storage.getCookies`` lists the same cookies without their partition keys.
    cookies(jar) {
      return JSON.stringify(
        list(jar).map(one => ({
          name: one.name,
          value: one.value,
          host: one.host,
          path: one.path,
          secure: one.isSecure,
          httpOnly: one.isHttpOnly,
          sameSite: one.sameSite,
          expiry: one.isSession ? null : one.expiry,
          partition: one.originAttributes.partitionKey,
        }))
      );
    },
    clear(jar) {
      Services.cookies.removeCookiesWithOriginAttributes(pattern(jar));
    },
    // Returns the BiDi name of its page.
    async openPrivate(proxy) {
      port = proxy;
      const win = OpenBrowserWindow({ private: true });
      await new Promise(resolve => {
        const started = subject => {
          if (subject === win) {
            Services.obs.removeObserver(started, "browser-delayed-startup-finished");
            resolve();
          }
        };
        Services.obs.addObserver(started, "browser-delayed-startup-finished");
      });
      return NavigableManager.getIdForBrowser(win.gBrowser.selectedBrowser);
    },
    // The jar of private windows is gone once the last of them is.
    async closePrivate() {
      const gone = new Promise(resolve => {
        const last = () => {
          Services.obs.removeObserver(last, "last-pb-context-exited");
          resolve();
        };
        Services.obs.addObserver(last, "last-pb-context-exited");
      });
      for (const win of Services.wm.getEnumerator("navigator:browser")) {
        if (PrivateBrowsingUtils.isWindowPrivate(win)) {
          win.close();
        }
      }
      await gone;
      port = 0;
    },
  };
})();

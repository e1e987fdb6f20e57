// Plays recordings to real pages: what a screen was sent is sent again, in its order. It decides nothing: whatever a page wants
// done, it hears that this is a recording.
//
// `/play?screen=12&moment=3` is the page of one screen, at one moment: what was known before it, and the frames that led to it.
// With `&speed=1` it goes on from there by itself, in the time in which it happened; 10 is ten times as fast.

const COOKIE = "playing";
/** Nobody watches longer than this while nothing happens. */
const PAUSE_MS = 5_000;
/** What a chat service says of itself that has nothing of its own. */
const WIDGET = {
  company: "Alpenrad",
  style: "",
  telephone: null,
  unserved_form: false,
  attachments: false,
  rating: false,
  transcript: true,
  opens_after_s: null,
  greeting: "",
  waiting: "",
  away: "",
  on_the_phone: "",
  consent: "",
  form: [],
};
/** What the daemon says of what nobody has set, made or written yet. */
const NOTHING = {
  "/setup": { is_open: false },
  "/templates": [],
  "/contact-fields": [],
  "/contacts": { contacts: [], next: null },
  "/sessions": [],
  "/preferences": {
    sound_ringing: true,
    sound_items: true,
    sound_messages: true,
    notifications: true,
    send_with: "enter",
    density: "comfortable",
  },
};
const WRITE_UP = { version: 0, note: "", classifications: [], choices: [], by: null, at: null, editable: true };
const REFUSAL = { code: "unavailable", message: "this is a recording: nothing can be done in it" };

export class Player {
  /** @param screens as `readRecordings` gives them */
  constructor(screens, WebSocketServer) {
    this.screens = screens;
    this.sockets = new WebSocketServer({ noServer: true });
    this.isCut = false;
  }

  /** Cuts all connections, and lets none in while it is so. */
  cut(isCut) {
    this.isCut = isCut;
    if (isCut) for (const socket of this.sockets.clients) socket.terminate();
  }

  /** Whether this HTTP request was for the player, and is answered. */
  answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const json = (status, body, headers = {}) => {
      const type = status < 400 ? "application/json" : "application/problem+json";
      response.writeHead(status, { "content-type": type, ...headers }).end(JSON.stringify(body));
      return true;
    };
    const playing = this.#playing(request);
    if (pathname === "/play") return this.#play(searchParams, response);
    if (pathname === "/recordings") return this.#list(response);
    if (pathname.startsWith("/widget/services/")) return json(200, { ...WIDGET, language: /^\W*(undefined,)?de\b/.test(searchParams.get("language")) ? "de" : "en" });
    if (!pathname.startsWith("/api/v1/")) return false;
    const asked = pathname.slice("/api/v1".length);
    if (request.method === "GET" && Object.hasOwn(NOTHING, asked)) return json(200, NOTHING[asked]);
    if (request.method === "GET" && asked.endsWith("/write-up")) return json(200, WRITE_UP);
    if (asked === "/sessions") return json(401, { code: "wrong_credentials", message: "nobody signs in to a recording" });
    if (asked !== "/sessions/current") return json(503, REFUSAL);
    if (request.method === "DELETE") return json(200, null, { "set-cookie": `${COOKIE}=; Path=/; Max-Age=0` });
    if (!playing?.screen.session) return json(401, { code: "unauthenticated", message: "open a screen at /recordings" });
    return json(200, playing.screen.session);
  }

  /** Whether this upgrade was for the player. */
  upgrade(request, socket, head) {
    if (!/^\/ws\/(agent|visitor)$/.test(request.url)) return false;
    const playing = this.#playing(request);
    if (this.isCut || !playing) socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
    else this.sockets.handleUpgrade(request, socket, head, (open) => serve(open, playing));
    return true;
  }

  #playing(request) {
    const cookie = new RegExp(`(?:^|; )${COOKIE}=(\\d+)\\.(\\d+)\\.([\\d.]+)`).exec(request.headers.cookie ?? "");
    const screen = cookie && this.screens[Number(cookie[1])];
    return screen ? { screen, moment: Number(cookie[2]), speed: Number(cookie[3]) } : null;
  }

  #play(query, response) {
    const [screen, moment, speed] = ["screen", "moment", "speed"].map((name) => Number(query.get(name) ?? 0));
    const to = this.screens[screen]?.session ? "/desktop/" : `/demo/website.html?lang=${query.get("lang") === "en" ? "en" : "de"}`;
    response.writeHead(302, { location: to, "set-cookie": `${COOKIE}=${screen}.${moment}.${speed}; Path=/` }).end();
    return true;
  }

  #list(response) {
    const of = this.screens.map((screen, at) => ({ ...screen, at }));
    const rows = [...grouped(of)].map(([scenario, screens]) => `<details><summary>${text(scenario)}</summary>${screens.map(listed).join("")}</details>`);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><html lang="en"><meta name="color-scheme" content="light dark"><title>Recordings</title><h1>Recordings</h1>${rows.join("")}`);
    return true;
  }
}

function grouped(screens) {
  const groups = new Map();
  for (const screen of screens) groups.set(screen.scenario, [...(groups.get(screen.scenario) ?? []), screen]);
  return groups;
}

function listed({ viewer, session, at, moments }) {
  const link = (moment, what, speed = 0) => `<a href="/play?screen=${at}&amp;moment=${moment}&amp;speed=${speed}">${text(what)}</a>`;
  const steps = moments.map(({ done }, moment) => `<li>${link(moment, done || (moment === 0 ? "the beginning" : "…"))}</li>`);
  return `<h2>${text(session?.name ?? viewer)} (${link(0, "play", 1)}, ${link(0, "10 times as fast", 10)})</h2><ol start="0">${steps.join("")}</ol>`;
}

function text(value) {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** One connection, from its hello on. */
function serve(socket, { screen, moment, speed }) {
  const send = (reply) => socket.send(JSON.stringify(reply));
  let timer;
  socket.on("message", (data) => {
    const request = JSON.parse(String(data));
    if (request.type === "hello") {
      const before = Math.max(0, Math.min(moment, screen.moments.length - 1) - 1);
      const [now, later] = [screen.moments.slice(before, moment + 1), screen.moments.slice(moment + 1)];
      for (const reply of now.flatMap(replies).slice(screen.moments[before].frames.length)) send(reply);
      if (speed > 0) timer = goOn(later, send, speed);
    } else if (request.type === "earlier") {
      const page = screen.earlier.find(({ chat, before }) => chat === request.chat && before === request.before);
      if (page) send({ type: "earlier", chat: page.chat, messages: page.messages });
    } else if (request.type === "command") {
      send({ type: "answer", id: request.id, problem: REFUSAL });
    }
  });
  socket.on("close", () => clearTimeout(timer?.id));
}

function replies({ frames, fresh }) {
  return [...frames.map(({ reply }) => reply), fresh];
}

/** Sends what comes later, each in its time. */
function goOn(moments, send, speed) {
  const all = moments.flatMap(({ frames, fresh }) => [...frames, { at: fresh.now ?? null, reply: fresh }]);
  const timer = { id: undefined };
  let last = null;
  const next = () => {
    const sent = all.shift();
    if (!sent) return;
    const at = sent.at ?? last;
    const pause = last === null ? 1_000 : Math.min((at - last) / speed, PAUSE_MS);
    last = at;
    timer.id = setTimeout(() => {
      send(sent.reply);
      next();
    }, pause);
  };
  next();
  return timer;
}

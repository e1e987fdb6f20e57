// A floor that is only played: one agent, two queues, in memory. For looking at the desktop without a daemon.
// It obeys the protocol and the plain rules of precedence, but decides nothing the way the daemon does.

const RING_MS = 20_000;
const CALL_WRAP_UP_MS = 30_000;
const CHAT_WRAP_UP_MS = 60_000;
const MINUTE_MS = 60_000;

export function newFloor(send) {
  const began = Date.now();
  let seq = 0;
  let lastItem = 40;
  const timers = new Set();
  const answered = new Map();

  const agent = {
    agent: 3,
    name: "Mara Lindqvist",
    presence: { presence: "logged_out" },
    calls: { calls: "open" },
    active: null,
    ringing: null,
    preempted: null,
    call_wrap_up: null,
    chats_max: 3,
  };
  const queues = [
    { queue: 1, name: "Kundendienst", waiting: [] },
    { queue: 2, name: "Rücksendungen", waiting: [] },
  ];
  const chats = new Map();
  const messages = new Map();

  const frame = (frame) => send({ type: "frame", seq: (seq += 1), frame });
  const showAgent = () => frame({ kind: "agent", agent });
  const showChat = (chat) => frame({ kind: "chat", chat });
  const queueOf = (id) => queues.find((queue) => queue.queue === id);
  const after = (ms, then) => {
    const timer = setTimeout(then, ms);
    timers.add(timer);
    return timer;
  };

  function wait(queue, kind, who, since_ms = 0, offered_to = null) {
    lastItem += 1;
    const item = { item: { kind, id: lastItem }, arrived_at: Date.now() - since_ms, who, offered_to };
    queueOf(queue).waiting.push(item);
    if (kind === "chat") messages.set(lastItem, []);
    frame({ kind: "waiting", queue, item });
    return lastItem;
  }

  function leave(kind, id) {
    for (const queue of queues) {
      const found = queue.waiting.find((item) => item.item.kind === kind && item.item.id === id);
      if (found === undefined) continue;
      queue.waiting = queue.waiting.filter((item) => item !== found);
      frame({ kind: "left", queue: queue.queue, item: found.item });
      return { queue, found };
    }
    return null;
  }

  function store(chat, author, text, client = "visitor", command = 0, at = Date.now()) {
    const log = messages.get(chat);
    const message = { number: log.length + 1, author, text, at, client, command };
    log.push(message);
    if (chats.has(chat)) frame({ kind: "message", chat, message });
  }

  const stop = (clock) => {
    if (clock.running_since === null) return;
    clock.spent_ms += Date.now() - clock.running_since;
    clock.running_since = null;
  };
  const run = (clock) => {
    clock.running_since ??= Date.now();
  };

  function setAside(id, state) {
    const chat = chats.get(id);
    if (chat.state.state === "wrap_up") {
      chat.state = { ...chat.state, active: false };
      stop(chat.wrap_up.clock);
    } else {
      chat.state = state;
      stop(chat.handling);
    }
    if (agent.active?.kind === "chat" && agent.active.chat === id) agent.active = null;
    showChat(chat);
  }

  function attend(id) {
    if (agent.active?.kind === "chat" && agent.active.chat !== id) setAside(agent.active.chat, { state: "parked" });
    if (agent.active?.kind === "call_wrap_up") {
      agent.call_wrap_up = agent.active.wrap_up;
      stop(agent.call_wrap_up.clock);
    }
    const chat = chats.get(id);
    if (chat.state.state === "wrap_up") {
      chat.state = { ...chat.state, active: true };
      run(chat.wrap_up.clock);
    } else {
      chat.state = { state: "active" };
      run(chat.handling);
    }
    agent.active = { kind: "chat", chat: id };
    if (agent.preempted === id) agent.preempted = null;
    showAgent();
    showChat(chat);
  }

  function end(id, ended_by) {
    const chat = chats.get(id);
    const active = agent.active?.kind === "chat" && agent.active.chat === id;
    stop(chat.handling);
    chat.state = { state: "wrap_up", ended_by, active };
    chat.wrap_up = {
      clock: { spent_ms: 0, running_since: active ? Date.now() : null },
      limit_ms: CHAT_WRAP_UP_MS,
      extensions_left: 3,
    };
    showChat(chat);
  }

  function ring(queue, caller) {
    const call = wait(queue, "call", caller);
    const item = queueOf(queue).waiting.at(-1);
    item.offered_to = agent.name;
    frame({ kind: "waiting", queue, item });
    agent.ringing = {
      offer: { call, agent: agent.agent, attempt: 1 },
      caller,
      queue: queueOf(queue).name,
      until: Date.now() + RING_MS,
    };
    showAgent();
    after(RING_MS, () => {
      if (agent.ringing?.offer.call !== call) return;
      agent.ringing = null;
      if (agent.active === null) agent.presence = { presence: "unavailable", reason: "missed" };
      else agent.calls = { calls: "blocked", until: null };
      showAgent();
      item.offered_to = null;
      frame({ kind: "waiting", queue, item });
    });
  }

  function answer() {
    if (agent.ringing === null) return;
    const { offer, caller, queue } = agent.ringing;
    leave("call", offer.call);
    if (agent.active?.kind === "chat") {
      agent.preempted = agent.active.chat;
      setAside(agent.active.chat, { state: "preempted", call: offer.call });
    }
    agent.ringing = null;
    agent.active = { kind: "call", call: offer.call, caller, queue, since: Date.now() };
    showAgent();
  }

  function hangUp() {
    if (agent.active?.kind !== "call") return;
    const clock = { spent_ms: 0, running_since: null };
    if (agent.preempted !== null && chats.has(agent.preempted)) {
      agent.active = null;
      agent.call_wrap_up = { clock, limit_ms: CALL_WRAP_UP_MS, extensions_left: 0 };
      attend(agent.preempted);
      return;
    }
    run(clock);
    agent.active = { kind: "call_wrap_up", wrap_up: { clock, limit_ms: CALL_WRAP_UP_MS, extensions_left: 0 } };
    showAgent();
    after(CALL_WRAP_UP_MS, () => {
      if (agent.active?.kind === "call_wrap_up" && agent.active.wrap_up.clock === clock) {
        agent.active = null;
        showAgent();
      }
    });
  }

  function take(chat, queue, found, state) {
    chats.set(chat, {
      chat,
      queue: queue.queue,
      queue_name: queue.name,
      page: found.who,
      language: "de",
      arrived_at: found.arrived_at,
      state,
      handling: { spent_ms: 0, running_since: null },
      wrap_up: null,
      visitor_online: true,
      read_up_to: 0,
    });
    showChat(chats.get(chat));
    for (const message of messages.get(chat)) frame({ kind: "message", chat, message });
  }

  const no = (code) => ({ code, message: `the played floor says ${code}` });

  function obey(command, client, id) {
    const chat = chats.get(command.chat);
    if (["activate", "park", "end", "say"].includes(command.do) && chat === undefined) return no("not_yours");
    switch (command.do) {
      case "log_in":
        agent.presence = { presence: "available" };
        agent.calls = { calls: "open" };
        showAgent();
        return null;
      case "log_out":
        for (const own of chats.values()) {
          chats.delete(own.chat);
          frame({ kind: "chat_gone", chat: own.chat });
          if (own.state.state === "wrap_up") continue;
          const item = { item: { kind: "chat", id: own.chat }, arrived_at: own.arrived_at, who: own.page, offered_to: null };
          queueOf(own.queue).waiting.push(item);
          frame({ kind: "waiting", queue: own.queue, item });
        }
        agent.presence = { presence: agent.active?.kind === "call" ? "logging_out" : "logged_out" };
        if (agent.active?.kind !== "call") agent.active = null;
        agent.preempted = null;
        agent.call_wrap_up = null;
        showAgent();
        return null;
      case "pick": {
        if (agent.presence.presence === "logged_out") return no("logged_out");
        if (agent.active?.kind === "call") return no("on_a_call");
        if (chats.size >= agent.chats_max) return no("maximum_reached");
        const left = leave("chat", command.chat);
        if (left === null) return no("taken");
        take(command.chat, left.queue, left.found, { state: "allocated" });
        if (agent.active === null) attend(command.chat);
        return null;
      }
      case "activate":
        if (agent.active?.kind === "call") return no("on_a_call");
        attend(command.chat);
        return null;
      case "park":
        setAside(command.chat, { state: "parked" });
        showAgent();
        return null;
      case "end":
        if (chat.state.state !== "active") return no("wrong_state");
        end(command.chat, "agent");
        return null;
      case "finish_wrap_up":
        if (command.chat === null) {
          agent.call_wrap_up = null;
          if (agent.active?.kind === "call_wrap_up") agent.active = null;
        } else {
          if (chat?.state.state !== "wrap_up") return no("wrong_state");
          chats.delete(command.chat);
          if (agent.active?.kind === "chat" && agent.active.chat === command.chat) agent.active = null;
          frame({ kind: "chat_gone", chat: command.chat });
        }
        showAgent();
        return null;
      case "say":
        if (chat.state.state !== "active") return no("wrong_state");
        store(command.chat, "agent", command.text, client, id);
        return null;
      case "read":
        if (chat === undefined) return no("not_yours");
        chat.read_up_to = Math.max(chat.read_up_to, command.number);
        showChat(chat);
        return null;
      case "decline":
        if (agent.ringing?.offer.call !== command.offer.call) return no("offer_over");
        agent.ringing = null;
        showAgent();
        for (const queue of queues) {
          for (const item of queue.waiting.filter((item) => item.item.id === command.offer.call)) {
            item.offered_to = null;
            frame({ kind: "waiting", queue: queue.queue, item });
          }
        }
        return null;
      case "hang_up":
        hangUp();
        return null;
      default:
        return no("malformed");
    }
  }

  wait(1, "chat", "https://www.nordlicht-moebel.example/sofas/halden-3-sitzer", 3 * MINUTE_MS + 12_000);
  wait(1, "call", "+49 30 5550 1172", 48_000, "Jonas Weber");
  wait(1, "chat", "https://www.nordlicht-moebel.example/lieferung", 21_000);
  wait(2, "chat", "https://www.nordlicht-moebel.example/konto/bestellungen/40817", 95_000);
  store(41, "visitor", "Guten Tag! Ist das Sofa Halden auch in Dunkelgrün lieferbar?", "visitor", 0, began - 3 * MINUTE_MS);
  store(41, "visitor", "Und wie lange dauert die Lieferung nach Freiburg ungefähr?", "visitor", 0, began - 150_000);
  store(43, "visitor", "Hallo, bis wann muss ich bestellen, damit es am Freitag da ist?");
  store(44, "visitor", "Ich möchte zwei Stühle zurückschicken, einer wackelt.", "visitor", 0, began - 90_000);

  return {
    snapshot: () => ({
      type: "snapshot",
      seq,
      now: Date.now(),
      agent,
      queues,
      chats: [...chats.values()],
      messages: [...chats.keys()].map((chat) => ({ chat, messages: messages.get(chat) })),
    }),
    command(client, id, command) {
      const key = `${client} ${id}`;
      if (!answered.has(key)) answered.set(key, obey(command, client, id));
      return answered.get(key);
    },
    /** What happens outside of the desktop: `POST /dev/WHAT` with these arguments as JSON. */
    play: {
      ring: ({ queue = 1, caller = "+49 761 5550 1903" } = {}) => ring(queue, caller),
      answer,
      hang_up: hangUp,
      wait: ({ queue = 1, kind = "chat", who = "https://www.nordlicht-moebel.example/kontakt" } = {}) => {
        wait(queue, kind, who);
      },
      write: ({ chat, text }) => store(chat, "visitor", text),
      typing: ({ chat, on = true }) => frame({ kind: "typing", chat, on }),
      leave: ({ chat }) => end(chat, "visitor"),
      offline: ({ chat, on = true }) => {
        chats.get(chat).visitor_online = !on;
        showChat(chats.get(chat));
      },
      notice: ({ code = "taken", chat = null } = {}) => frame({ kind: "notice", code, chat }),
      calls: (view) => {
        agent.calls = view;
        showAgent();
      },
      presence: (view) => {
        agent.presence = view;
        showAgent();
      },
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

// A floor that is only played: one agent, two queues, in memory. For looking at the desktop without a daemon.
// It obeys the protocol and the plain rules of precedence, but decides nothing the way the daemon does.

/** Long enough for a picture of each panel, on a slow machine too. */
const RING_MS = 60_000;
const CALL_WRAP_UP_MS = 30_000;
const CHAT_WRAP_UP_MS = 60_000;
const MINUTE_MS = 60_000;
const PUSH_MS = 60_000;
const CHATS_MAX = 3;

function mayWith(state) {
  const active = state === "active" ? null : "wrong_state";
  const say = state === "wrap_up" ? "chat_over" : active;
  return { say, transfer: active, transfer_to_agent: active, end: state === "parked" ? null : active };
}

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
    break_pending: null,
    calls: { calls: "open" },
    chats_blocked: false,
    active: null,
    ringing: null,
    preempted: null,
    next: null,
    protected_until: null,
    call_wrap_ups: [],
    get may() {
      const on_call = agent.active?.kind === "call" ? "on_a_call" : null;
      const { presence } = agent.presence;
      const out = presence === "logged_out" || presence === "logging_out" ? "logged_out" : null;
      const on_break = presence === "break" ? "on_break" : null;
      const pick_task = out ?? on_break ?? (agent.break_pending === null ? null : "on_break") ?? on_call;
      const talks = [...chats.values()].filter(({ state }) => state.state !== "wrap_up").length;
      const pick_chat = pick_task ?? (talks >= CHATS_MAX ? "maximum_reached" : null);
      const item = activeItem();
      const park = item === null || on_call !== null ? [] : [item];
      return { pick_chat, pick_chat_in: [], pick_task, activate: on_call ?? on_break, park };
    },
  };
  const queues = [
    { queue: 1, name: "Kundendienst", waiting: [] },
    { queue: 2, name: "Rücksendungen", waiting: [] },
  ];
  const colleagues = [
    { agent: 4, name: "Jonas Weber", takes_chats: true, take_chat: null, take_chat_from: [] },
    { agent: 5, name: "Leyla Demir", takes_chats: true, take_chat: "on_break", take_chat_from: [] },
    { agent: 6, name: "Empfang", takes_chats: false, take_chat: "not_available", take_chat_from: [] },
  ];
  const destinations = [
    { queue: 1, name: "Kundendienst" },
    { queue: 2, name: "Rücksendungen" },
    { queue: 3, name: "Technik" },
  ];
  const break_reasons = [
    { reason: 1, name: "Mittag" },
    { reason: 2, name: "Schulung" },
  ];
  const chats = new Map();
  const tasks = new Map();
  const messages = new Map();

  const frame = (frame) => send({ type: "frame", seq: (seq += 1), frame });
  const showAgent = () => frame({ kind: "agent", agent });
  const chatView = (chat) => ({ ...chat, may: mayWith(chat.state.state) });
  const taskView = (task) => ({ ...task, finish: task.state.state === "active" ? null : "wrong_state" });
  const showChat = (chat) => frame({ kind: "chat", chat: chatView(chat) });
  const showTask = (task) => frame({ kind: "task", task: taskView(task) });
  const queueOf = (id) => queues.find((queue) => queue.queue === id);
  const after = (ms, then) => {
    const timer = setTimeout(then, ms);
    timers.add(timer);
    return timer;
  };

  function wait(queue, channel, who, since_ms = 0, offered_to = null) {
    lastItem += 1;
    const kind = channel === "call" || channel === "chat" ? channel : "task";
    const item = { item: { kind, id: lastItem }, channel, arrived_at: Date.now() - since_ms, who, offered_to };
    item.language = kind === "chat" ? "de" : "";
    item.first_line = null;
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
    for (const { queue, waiting } of queues) {
      const item = waiting.find((one) => one.item.kind === "chat" && one.item.id === chat);
      if (item === undefined || author !== "visitor" || item.first_line !== null) continue;
      item.first_line = text.split("\n")[0];
      frame({ kind: "waiting", queue, item });
    }
  }

  const stop = (clock) => {
    if (clock.running_since === null) return;
    clock.spent_ms += Date.now() - clock.running_since;
    clock.running_since = null;
  };
  const run = (clock) => {
    clock.running_since ??= Date.now();
  };

  const activeItem = () => {
    const { active } = agent;
    if (active === null) return null;
    if (active.kind === "call_wrap_up") return { kind: "call", id: active.wrap_up.call };
    return { kind: active.kind, id: active[active.kind] };
  };

  /** Puts what is active aside; a chat that a call pushes aside is `preempted`. */
  function setAside(preemptedBy = null) {
    const { active } = agent;
    agent.active = null;
    if (active?.kind === "call_wrap_up") {
      stop(active.wrap_up.wrap_up.clock);
      agent.call_wrap_ups = [...agent.call_wrap_ups, active.wrap_up];
    } else if (active?.kind === "task") {
      const task = tasks.get(active.task);
      task.state = { state: "parked" };
      stop(task.handling);
      showTask(task);
    } else if (active?.kind === "chat") {
      const chat = chats.get(active.chat);
      if (chat.state.state === "wrap_up") {
        chat.state = { ...chat.state, active: false };
        stop(chat.wrap_up.clock);
      } else {
        chat.state = preemptedBy === null ? { state: "parked" } : { state: "preempted", call: preemptedBy };
        stop(chat.handling);
      }
      showChat(chat);
    }
  }

  function attend(item) {
    setAside();
    if (agent.preempted?.kind === item.kind && agent.preempted.id === item.id) agent.preempted = null;
    if (item.kind === "call") {
      const wrap_up = agent.call_wrap_ups.find((one) => one.call === item.id);
      agent.call_wrap_ups = agent.call_wrap_ups.filter((one) => one !== wrap_up);
      run(wrap_up.wrap_up.clock);
      agent.active = { kind: "call_wrap_up", wrap_up };
    } else if (item.kind === "task") {
      const task = tasks.get(item.id);
      task.state = { state: "active" };
      run(task.handling);
      agent.active = { kind: "task", task: item.id };
      showTask(task);
    } else {
      const chat = chats.get(item.id);
      if (chat.state.state === "wrap_up") {
        chat.state = { ...chat.state, active: true };
        run(chat.wrap_up.clock);
      } else {
        chat.state = { state: "active" };
        run(chat.handling);
      }
      agent.active = { kind: "chat", chat: item.id };
      showChat(chat);
    }
    showAgent();
  }

  /** A break that was asked for begins when nothing is active any more. */
  function rest() {
    if (agent.active === null && agent.break_pending !== null) {
      agent.presence = { presence: "break", reason: agent.break_pending, since: Date.now() };
      agent.break_pending = null;
    }
    showAgent();
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
      extend: null,
      finish: null,
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
      why: {
        at: Date.now(),
        queue: queueOf(queue).name,
        strategy: "longest_idle",
        preferred: false,
        winner: { agent: agent.name, tier: agent.active === null ? "free" : "chat_answered", preemptions: 1, since: began },
        next: [
          { agent: "Jonas Weber", tier: "chat_waiting", preemptions: 0, since: began - 3_600_000 },
          { agent: "Tomasz Nowak", tier: "chat_waiting", preemptions: 2, since: 0 },
        ],
        passed_over: [
          { obstacle: "on_a_call", agents: 3 },
          { obstacle: "on_break", agents: 1 },
          { obstacle: "logged_out", agents: 1 },
        ],
      },
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
    const before = activeItem();
    if (before?.kind === "chat" || before?.kind === "task") agent.preempted = before;
    setAside(offer.call);
    agent.ringing = null;
    agent.active = { kind: "call", call: offer.call, caller, queue, since: Date.now(), held: null, why: null, hang_up: null };
    showAgent();
  }

  function hangUp() {
    if (agent.active?.kind !== "call") return;
    const { call, caller } = agent.active;
    const clock = { spent_ms: 0, running_since: null };
    const wrap_up = { call, caller, reminds_at: null, wrap_up: { clock, limit_ms: CALL_WRAP_UP_MS, extensions_left: 3, extend: null, finish: null } };
    agent.active = null;
    if (agent.preempted !== null) {
      agent.call_wrap_ups = [...agent.call_wrap_ups, wrap_up];
      attend(agent.preempted);
      return;
    }
    run(clock);
    agent.active = { kind: "call_wrap_up", wrap_up };
    showAgent();
    after(CALL_WRAP_UP_MS, () => {
      if (agent.active?.kind === "call_wrap_up" && agent.active.wrap_up.call === call) {
        agent.active = null;
        rest();
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
      alarm: false,
      goes_back: true,
      transfer_to: null,
      note: "",
    });
    showChat(chats.get(chat));
    if (messages.get(chat).length > 0) frame({ kind: "messages", chat, messages: messages.get(chat) });
  }

  function takeTask(task, queue, found, state) {
    tasks.set(task, {
      task,
      channel: found.channel,
      queue: queue.queue,
      queue_name: queue.name,
      text: found.who,
      arrived_at: found.arrived_at,
      state,
      handling: { spent_ms: 0, running_since: null },
    });
    showTask(tasks.get(task));
  }

  /** A chat that comes without the agent's asking. */
  function push({ queue = 1, who = "https://www.nordlicht-moebel.example/tische/eiche", note = "" } = {}) {
    const id = wait(queue, "chat", who);
    const left = leave("chat", id);
    store(id, "visitor", "Guten Tag, eine Frage zum Tisch Fjell.");
    take(id, left.queue, left.found, { state: "allocated", until: Date.now() + PUSH_MS });
    chats.get(id).note = note;
    showChat(chats.get(id));
    after(PUSH_MS, () => chats.get(id)?.state.state === "allocated" && giveBack(chats.get(id), queue));
  }

  function giveBack(chat, queue) {
    gone(chat);
    if (!queues.some((one) => one.queue === queue)) return;
    const first = messages.get(chat.chat).find((message) => message.author === "visitor");
    const item = {
      item: { kind: "chat", id: chat.chat },
      channel: "chat",
      arrived_at: chat.arrived_at,
      who: chat.page,
      language: chat.language,
      first_line: first?.text.split("\n")[0] ?? null,
      offered_to: null,
    };
    queueOf(queue).waiting.push(item);
    frame({ kind: "waiting", queue, item });
  }

  function gone(chat) {
    chats.delete(chat.chat);
    if (agent.active?.kind === "chat" && agent.active.chat === chat.chat) agent.active = null;
    frame({ kind: "chat_gone", chat: chat.chat });
    rest();
  }

  const no = (code) => ({ code, message: `the played floor says ${code}` });

  /** A wrap-up, by its item. */
  function wrapUpOf(item) {
    if (item.kind === "chat") return chats.get(item.id)?.wrap_up ?? null;
    const active = agent.active?.kind === "call_wrap_up" ? [agent.active.wrap_up] : [];
    return [...active, ...agent.call_wrap_ups].find((one) => one.call === item.id)?.wrap_up ?? null;
  }

  function finish(item) {
    const active = activeItem();
    if (active?.kind === item.kind && active.id === item.id) agent.active = null;
    if (item.kind === "call") {
      agent.call_wrap_ups = agent.call_wrap_ups.filter((one) => one.call !== item.id);
      rest();
    } else if (item.kind === "task") {
      tasks.delete(item.id);
      frame({ kind: "task_gone", task: item.id });
      rest();
    } else {
      gone(chats.get(item.id));
    }
  }

  function obey(command, client, id) {
    const item = command.item ?? { kind: "chat", id: command.chat };
    const chat = item.kind === "chat" ? chats.get(item.id) : undefined;
    if (["end", "say", "transfer", "read"].includes(command.do) && chat === undefined) return no("not_yours");
    switch (command.do) {
      case "log_in":
        agent.presence = { presence: "available" };
        agent.break_pending = null;
        agent.chats_blocked = false;
        agent.calls = { calls: "open" };
        showAgent();
        return null;
      case "log_out":
        for (const own of chats.values()) {
          if (own.state.state === "wrap_up") gone(own);
          else giveBack(own, own.queue);
        }
        for (const task of tasks.keys()) finish({ kind: "task", id: task });
        agent.presence = { presence: agent.active?.kind === "call" ? "logging_out" : "logged_out" };
        if (agent.active?.kind !== "call") agent.active = null;
        agent.preempted = null;
        agent.call_wrap_ups = [];
        showAgent();
        return null;
      case "take_break":
        agent.break_pending = command.reason;
        rest();
        return null;
      case "pick": {
        const obstacle = item.kind === "chat" ? agent.may.pick_chat : agent.may.pick_task;
        if (obstacle !== null) return no(obstacle);
        const left = leave(item.kind, item.id);
        if (left === null) return no("taken");
        if (item.kind === "chat") take(item.id, left.queue, left.found, { state: "allocated", until: null });
        else takeTask(item.id, left.queue, left.found, { state: "allocated", until: null });
        if (agent.active === null) attend(item);
        return null;
      }
      case "activate":
        if (agent.may.activate !== null) return no(agent.may.activate);
        attend(item);
        return null;
      case "park":
        setAside();
        rest();
        return null;
      case "transfer":
        if (chatView(chat).may.transfer !== null) return no("wrong_state");
        if (command.to.kind === "agent" && command.to.id !== 4) frame({ kind: "notice", code: "not_available", item });
        else giveBack(chat, command.to.kind === "queue" ? command.to.id : 0);
        return null;
      case "transfer_call":
        hangUp();
        return null;
      case "end":
        if (chatView(chat).may.end !== null) return no("wrong_state");
        end(command.chat, "agent");
        return null;
      case "extend_wrap_up": {
        const wrapUp = wrapUpOf(item);
        if (wrapUp === null) return no("wrong_state");
        if (wrapUp.extend !== null) return no(wrapUp.extend);
        wrapUp.limit_ms += MINUTE_MS;
        wrapUp.extensions_left -= 1;
        if (wrapUp.extensions_left === 0) wrapUp.extend = "extended";
        if (chat === undefined) showAgent();
        else showChat(chat);
        return null;
      }
      case "finish":
        finish(item);
        return null;
      case "say":
        if (chatView(chat).may.say !== null) return no("wrong_state");
        store(command.chat, "agent", command.text, client, id);
        return null;
      case "read":
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
  wait(2, "callback", "+49 761 5550 1377", 8 * MINUTE_MS);
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
      chats: [...chats.values()].map(chatView),
      tasks: [...tasks.values()].map(taskView),
      colleagues,
      destinations,
      break_reasons,
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
      hold: ({ by = "agent" } = {}) => {
        if (agent.active?.kind === "call") agent.active.held = by;
        showAgent();
      },
      wait: ({ queue = 1, channel = "chat", who = "https://www.nordlicht-moebel.example/kontakt" } = {}) => {
        wait(queue, channel, who);
      },
      crowd: ({ count = 200 } = {}) => {
        for (let at = 0; at < count; at += 1) wait(1 + (at % 2), "chat", `https://www.nordlicht-moebel.example/frage/${at}`);
      },
      /** A colleague is quicker. */
      take_away: ({ chat }) => {
        leave("chat", chat);
      },
      push,
      alarm: ({ chat }) => {
        chats.get(chat).alarm = true;
        showChat(chats.get(chat));
      },
      alert: ({ chat = 12, agent = "Jonas Weber", queue = "Kundendienst", preempted = true } = {}) => {
        frame({ kind: "alert", chat, agent, queue, preempted });
      },
      write: ({ chat, text }) => store(chat, "visitor", text),
      typing: ({ chat, on = true }) => frame({ kind: "typing", chat, on }),
      leave: ({ chat }) => end(chat, "visitor"),
      offline: ({ chat, on = true }) => {
        chats.get(chat).visitor_online = !on;
        showChat(chats.get(chat));
      },
      notice: ({ code = "taken", item = null } = {}) => frame({ kind: "notice", code, item }),
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

// A contact centre small enough to read: speaks the widget's protocol and the demo's REST, keeps everything in memory.
// For working on the widget and the demo pages without the daemon; knows nothing of priorities, limits or failure.

export class Floor {
  #chats = new Map();
  #callers = [];
  /** Nobody is there for new chats. */
  unserved = false;
  /** Somebody is there for those that wait. */
  staffed = true;
  telephone = "+49 (0)30 123456";
  phones = [
    { agent: "anna", display_name: "Anna Berger", voice_only: false, presence: "available", state: "idle", peer: null },
    { agent: "ben", display_name: "Ben Okafor", voice_only: true, presence: "logged_out", state: "idle", peer: null },
  ];

  /** A visitor's connection: `send` takes replies. Returns what to call with each request. */
  visitor(send, close) {
    let chat = null;
    let client = null;
    const refuse = (code) => (send({ type: "refused", problem: { code, message: code }, telephone: this.telephone }), close());
    const line = { seq: 0, push: (frame) => send({ type: "frame", seq: (line.seq += 1), frame }) };
    const hear = (request) => {
      switch (request.type) {
        case "hello": {
          if (request.token !== "demo-alpenrad") return refuse("unknown_token");
          if (this.unserved && !this.#chats.has(request.session)) return refuse("unserved");
          client = request.client;
          chat = this.#chats.get(request.session) ?? this.#begin(request.session);
          chat.lines.add(line);
          const messages = chat.messages.filter((message) => message.number > request.have);
          return send({ type: "snapshot", seq: line.seq, now: Date.now(), chat: this.#view(chat), messages });
        }
        case "command": {
          const key = `${client}:${request.id}`;
          if (!chat.answers.has(key)) chat.answers.set(key, this.#do(chat, client, request));
          return send({ type: "answer", id: request.id, problem: chat.answers.get(key) });
        }
        case "typing":
          chat.visitorTyping = request.on;
          return;
        case "ack":
      }
    };
    return { hear, gone: () => chat?.lines.delete(line) };
  }

  demo() {
    return { phones: this.phones, callers: this.#callers, token: "demo-alpenrad" };
  }

  desktop() {
    const call = this.phones[0].state === "talking";
    const chats = [...this.#chats.values()].map(({ id, state, messages, visitorTyping }) => ({ id, state, messages, visitorTyping }));
    return { call, ringing: this.phones[0].state === "ringing", chats };
  }

  pick(id) {
    const chat = this.#find(id);
    if (chat?.state.state === "waiting") {
      this.#move(chat, { state: "allocated", agent: "Anna Berger", since: Date.now() });
      setTimeout(() => this.#move(chat, { state: "active", agent: "Anna Berger", since: Date.now() }), 700);
    }
  }

  say(id, text) {
    const chat = this.#find(id);
    if (chat) this.#store(chat, { author: "agent", text, client: "desktop", command: chat.messages.length });
  }

  typing(id, on) {
    for (const line of this.#find(id)?.lines ?? []) line.push({ kind: "typing", on });
  }

  move(id, state) {
    const chat = this.#find(id);
    if (chat) this.#move(chat, state);
  }

  /** The visitor has not answered for long. */
  idle(id) {
    const chat = this.#find(id);
    chat.idle = true;
    this.#move(chat, chat.state);
  }

  /** The call takes long. */
  ask(id) {
    const chat = this.#find(id);
    this.#move(chat, { ...chat.state, choice: true });
  }

  /** Somebody comes who can take chats, or nobody is left. */
  staff(staffed) {
    this.staffed = staffed;
    for (const chat of this.#chats.values()) this.#move(chat, chat.state);
  }

  call() {
    const caller = { id: this.#callers.length + 1, number: "+493012345678", state: "calling" };
    this.#callers.push(caller);
    setTimeout(() => {
      caller.state = "waiting";
      const free = this.phones.findLast((phone) => phone.presence === "available" && phone.state === "idle");
      if (free) Object.assign(free, { state: "ringing", peer: caller.number });
    }, 400);
    return { id: caller.id };
  }

  press(agent, key) {
    const phone = this.phones.find((one) => one.agent === agent);
    const caller = this.#callers.findLast((one) => one.state !== "ended");
    const chats = agent === "anna" ? [...this.#chats.values()] : [];
    if (key === "answer" && phone.state === "ringing") {
      phone.state = "talking";
      caller.state = "talking";
      const active = chats.find((chat) => chat.state.state === "active");
      if (active) this.#move(active, { state: "preempted", agent: active.state.agent, since: Date.now(), choice: false, stays: false });
    } else {
      if (caller && key === "hang_up") caller.state = "ended";
      Object.assign(phone, { state: "idle", peer: null });
      const preempted = chats.find((chat) => chat.state.state === "preempted");
      if (preempted) this.#move(preempted, { state: "active", agent: preempted.state.agent, since: Date.now() });
    }
  }

  hangUp(id) {
    const caller = this.#callers.find((one) => one.id === id);
    const phone = this.phones.find((one) => one.state !== "idle");
    if (phone) this.press(phone.agent, "hang_up");
    if (caller) caller.state = "ended";
  }

  presence(agent, presence) {
    this.phones.find((phone) => phone.agent === agent).presence = presence;
  }

  #begin(session) {
    const chat = { id: this.#chats.size + 1, state: { state: "waiting" }, messages: [], answers: new Map(), lines: new Set() };
    this.#chats.set(session, chat);
    return chat;
  }

  #find(id) {
    return [...this.#chats.values()].find((chat) => chat.id === id);
  }

  #view(chat) {
    const state = chat.state.state === "waiting" ? { ...chat.state, staffed: this.staffed } : chat.state;
    return { company: "Alpenrad", telephone: this.telephone, state, idle: chat.idle === true };
  }

  #do(chat, client, { id, command }) {
    if (chat.state.state === "ended") return { code: "chat_over", message: "the chat is over" };
    if (command.do === "leave") this.#move(chat, { state: "ended", by: "visitor" });
    else if (command.do === "choose") this.#choose(chat, command.choice);
    else this.#store(chat, { author: "visitor", text: command.text, client, command: id });
    return null;
  }

  #choose(chat, choice) {
    if (choice === "another_agent") this.#move(chat, { state: "waiting" });
    else if (choice === "stay") this.#move(chat, { ...chat.state, stays: true });
    else this.#move(chat, { state: "ended", by: choice });
  }

  #store(chat, said) {
    if (said.author === "visitor" && chat.idle) {
      chat.idle = false;
      this.#move(chat, chat.state);
    }
    const message = { number: chat.messages.length + 1, at: Date.now(), ...said };
    chat.messages.push(message);
    for (const line of chat.lines) line.push({ kind: "message", message });
  }

  #move(chat, state) {
    chat.state = state;
    for (const line of chat.lines) line.push({ kind: "chat", chat: this.#view(chat) });
  }
}

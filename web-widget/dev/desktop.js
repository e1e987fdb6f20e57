// Stands in for the agent desktop: the same hooks, none of the looks.

const active = document.querySelector("[data-testid=active]");
const chats = document.getElementById("chats");
let seen = "";

async function look() {
  const floor = await (await fetch("/dev/desktop.json")).json();
  const current = floor.chats.find((chat) => chat.state.state === "active");
  active.dataset.kind = floor.call ? "call" : current ? "chat" : "none";
  active.textContent = `${active.dataset.kind}${floor.ringing ? " (ringing)" : ""}`;
  if (JSON.stringify(floor) === seen) return;
  seen = JSON.stringify(floor);
  chats.replaceChildren(...floor.chats.filter((chat) => chat.state.state !== "ended").map(draw));
}

function draw(chat) {
  const box = document.createElement("section");
  const { state } = chat.state;
  box.append(`chat ${chat.id}: ${state} `);
  if (state === "waiting") {
    const pick = button("pick", "Pick", () => tell({ do: "pick", id: chat.id }));
    pick.dataset.chat = String(chat.id);
    box.append(pick);
  } else {
    box.dataset.testid = "inbox-item";
    box.dataset.chat = String(chat.id);
    box.dataset.state = state;
  }
  for (const { author, text } of chat.messages) {
    const line = document.createElement("p");
    line.textContent = `${author}: ${text}`;
    box.append(line);
  }
  if (state === "active") {
    const input = document.createElement("textarea");
    input.dataset.testid = "chat-input";
    input.addEventListener("input", () => void tell({ do: "typing", id: chat.id, on: input.value !== "" }));
    box.append(input, button("chat-send", "Send", () => tell({ do: "say", id: chat.id, text: input.value })));
    box.append(button("park", "Park", () => tell({ do: "move", id: chat.id, state: { state: "parked", agent: "Anna Berger" } })));
    box.append(button("end", "End", () => tell({ do: "move", id: chat.id, state: { state: "ended", by: "agent" } })));
  }
  return box;
}

function button(testid, name, act) {
  const element = document.createElement("button");
  element.dataset.testid = testid;
  element.textContent = name;
  element.addEventListener("click", () => void act());
  return element;
}

const tell = (what) => fetch("/dev/desktop", { method: "POST", body: JSON.stringify(what) });

setInterval(() => void look(), 300);

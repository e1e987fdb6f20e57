// What supervisors see and do by REST and the command line: why an item went where it is, moving, overflowing, tasks.

import type { CreatedTask, Decisions } from "../../../web-shared/src/protocol/rest";
import { expect, test } from "vitest";
import { heard, said } from "../../../agent-desktop/src/items";
import { Agent } from "../support/agent";
import { Daemon } from "../support/daemon";
import { udpPort } from "../support/ports";
import { Caller, DeskPhone, uri } from "../support/sipp";
import { until } from "../support/until";

const SINA = { name: "sina", role: "supervisor" } as const;

test("why a call rings where it rings, and why not elsewhere", async () => {
  const port = await udpPort();
  const phone = DeskPhone.at(port);
  const people = [{ name: "anna", displayName: "Anna Berger", phone: uri("anna", port) }, { name: "ben" }, SINA];
  const daemon = await Daemon.start({ people });
  const anna = await Agent.atWork(daemon, "anna");
  const caller = await Caller.dial(daemon);
  await anna.rings();
  const call = `call ${said(anna.view?.ringing?.offer.call ?? 0)}`;

  const { status, json } = await daemon.rest<Decisions>("sina", "GET", `/items/${call}/why`);
  expect(status).toBe(200);
  expect(json.item).toBe(call);
  expect(json.decisions).toHaveLength(1);
  expect(json.decisions[0]?.winner).toMatchObject({ agent: "Anna Berger", tier: "free" });
  expect(json.decisions[0]?.passed_over).toEqual([{ obstacle: "logged_out", agents: 2 }]);
  const of = (name: string): unknown => json.agents.find(({ agent }) => agent === name)?.obstacle;
  expect([of("Anna Berger"), of("ben")]).toEqual(["ringing", "logged_out"]);

  expect((await daemon.rest("anna", "GET", `/items/${call}/why`)).status).toBe(403);
  expect((await daemon.rest("sina", "GET", "/items/fax:1/why")).status).toBe(400);
  expect((await daemon.rest("sina", "GET", "/items/call:1/why")).status).toBe(404);

  await phone.answer();
  await anna.onACall();
  await caller.hangUp();
  await anna.offTheCall();
  const { code, output } = daemon.command("why", call);
  expect(code).toBe(0);
  expect(output).toContain("Service: Anna Berger (free");
  expect(output).toContain("not asked: 2 (logged out)");
  expect(daemon.command("why", ...call.split(" ")).output).toBe(output);
  expect(daemon.command("why", "call:1").code).toBe(1);
  expect(daemon.command("why", "fax", "1").code).toBe(2);
});

test("R19: a task waits, is moved, overflows, is taken and done", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }, SINA], queues: [{ name: "Technik" }] });
  const anna = await Agent.atWork(daemon, "anna");
  const [service, technik] = anna.queues.map(({ queue }) => queue);
  const wanted = { channel: "work_item", text: "Rad 7 prüfen" };
  const created = await daemon.rest<CreatedTask>("sina", "POST", `/queues/${service}/tasks`, wanted);
  expect(created.status).toBe(201);
  const item = created.json.item;
  const task = heard(item.split(" ")[1] ?? null);
  const waitsIn = (queue: number | undefined): Promise<unknown> =>
    until(`it waits in ${queue}`, () =>
      anna.queues.every((one) => one.waiting.some(({ item: it }) => it.id === task) === (one.queue === queue)),
    );
  await waitsIn(service);
  expect((await daemon.rest("sina", "POST", `/items/${item}/move`, { queue: technik })).status).toBe(204);
  await waitsIn(technik);
  expect((await daemon.rest("sina", "POST", `/queues/${technik}/overflow`, { queue: service })).status).toBe(204);
  await waitsIn(service);

  await anna.do({ do: "pick", item: { kind: "task", id: task } });
  await until("it is active", () => anna.tasks.get(task)?.state.state === "active");
  expect(anna.tasks.get(task)?.text).toBe("Rad 7 prüfen");
  expect((await daemon.rest("sina", "POST", `/items/${item}/move`, { queue: technik })).status).toBe(409);
  await anna.do({ do: "finish", item: { kind: "task", id: task } });
  await until("it is gone", () => !anna.tasks.has(task));

  expect((await daemon.rest("sina", "POST", "/queues/99/tasks", { channel: "email", text: "x" })).status).toBe(404);
  expect((await daemon.rest("sina", "POST", `/queues/${service}/tasks`, { channel: "email", text: " " })).status).toBe(400);
  expect((await daemon.rest("anna", "POST", `/queues/${service}/tasks`, { channel: "email", text: "x" })).status).toBe(403);
  expect(daemon.command("journal", "verify").output).toContain("sound");
});

test("a supervisor takes an agent out of routing until they say that they are back", async () => {
  const daemon = await Daemon.start({ people: [{ name: "anna" }, SINA] });
  const anna = await Agent.atWork(daemon, "anna");
  expect((await daemon.rest("anna", "PUT", "/agents/anna/presence", { presence: "unavailable" })).status).toBe(403);
  expect((await daemon.rest("sina", "PUT", "/agents/anna/presence", { presence: "unavailable" })).status).toBe(204);
  await until("anna is taken out", () => anna.view?.presence.presence === "unavailable");
  expect(anna.view?.presence).toMatchObject({ reason: "supervisor" });
  await anna.do({ do: "log_in" });
  await until("anna is back", () => anna.view?.presence.presence === "available");
});

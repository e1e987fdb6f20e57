// What stands beside a form: what its settings come to, how the thing stands, how it comes to a website.

import { Button } from "@mantine/core";
import { lazy, Suspense, type ReactElement } from "react";
import { useLocation } from "wouter";
import { m } from "../../paraglide/messages.js";
import { keysUsed, phones, trunks } from "../api";
import { length } from "../durations";
import { overtaking, overtakings, USUAL, type Channel, type HeadStarts, type Overtaking } from "../overtakes";
import { valueAt, type Settings } from "../settings";
import { pathOf } from "../place";
import { copy } from "../roles";
import { lastFailure, phoneInWords, trunkInWords, usedInWords } from "../states";
import type { View, Work } from "../work";
import { useAgain } from "./again";
import { Around } from "./Around";
import css from "./Form.module.css";
import { Outlook } from "./Outlook";
import { Website } from "./Website";

const Ahead = lazy(async () => ({ default: (await import("./Hours")).Ahead }));

export function Beside({ work, view }: { work: Work; view: View }): ReactElement | null {
  switch (work.kind) {
    case "queues":
      return (
        <aside className={css.beside} aria-label={m.admin_order()}>
          <Order settings={view.mine} />
          {work.which !== null && work.which.kind !== "company" && <Outlook queue={work.which.id} name={work.name} />}
          {work.which !== null && <Around queue={work.name} />}
        </aside>
      );
    case "services":
      return work.which === null || work.which.kind === "company" ? null : <Website id={work.which.id} token={String(view.base["token"] ?? "")} name={String(view.base["name"] ?? "")} saved={view.base} />;
    case "trunks":
      return work.which === null ? null : <Stands name={work.name} ask={trunkState} />;
    case "agents":
      return work.which === null ? null : <Stands name={work.name} ask={phoneState} />;
    case "api_keys":
      return work.which === null || work.which.kind === "company" ? null : <Stands name={work.which.id} ask={keyState} />;
    case "roles":
      return work.which === null ? null : <Copied settings={view.base} isFixed={work.isFixed} />;
    case "company":
    case "numbers":
    case "break_reasons":
    case "classifications":
    case "templates":
      return null;
    case "hours":
      return (
        <Suspense>
          <Ahead settings={view.mine} />
        </Suspense>
      );
  }
}

/** How a role becomes the beginning of another. */
function Copied({ settings, isFixed }: { settings: Settings; isFixed: boolean }): ReactElement {
  const [, navigate] = useLocation();
  return (
    <aside className={css.beside} aria-label={m.admin_role_copy()}>
      <h3>{m.admin_role_copy()}</h3>
      <p>{isFixed ? m.admin_role_built_in() : m.admin_role_copy_text()}</p>
      <Button
        onClick={() => {
          copy(settings);
          navigate(pathOf({ page: "new", kind: "roles" }));
        }}
        data-testid="admin-copy-role"
      >
        {m.admin_role_copy()}
      </Button>
    </aside>
  );
}

/** Who goes first, computed from what stands in the form. */
function Order({ settings }: { settings: Settings }): ReactElement {
  const starts = startsOf(settings);
  const all = overtakings(starts).filter(({ first, second }) => !isChatAndCall(first, second));
  return (
    <>
      <h3>{m.admin_order()}</h3>
      <p className={css.main} data-testid="admin-overtakes">{sentence(overtaking(starts, "call", "chat"))}</p>
      <ul>
        {all.map((one) => (
          <li key={`${one.first} ${one.second}`}>{sentence(one)}</li>
        ))}
      </ul>
    </>
  );
}

function isChatAndCall(...both: readonly string[]): boolean {
  return both.includes("chat") && both.includes("call");
}

function startsOf(settings: Settings): HeadStarts {
  const start = (channel: Channel): number | null => {
    const value = valueAt(settings, `head_start_s.${channel}`);
    return value === "strict" ? null : typeof value === "number" ? value : value === undefined ? USUAL[channel] : 0;
  };
  return { call: start("call"), callback: start("callback"), chat: start("chat"), email: start("email"), work_item: start("work_item") };
}

const NAMES: Readonly<Record<Channel, () => string>> = {
  call: m.admin_channel_call,
  callback: m.admin_channel_callback,
  chat: m.admin_channel_chat,
  email: m.admin_channel_email,
  work_item: m.admin_channel_work_item,
};

function sentence({ first, second, after_s }: Overtaking): string {
  const name = NAMES[second]();
  const names = { first: NAMES[first](), second: `${name.charAt(0).toUpperCase()}${name.slice(1)}` };
  if (after_s === null) return m.admin_order_always(names);
  return after_s === 0 ? m.admin_order_alike(names) : m.admin_order_after({ ...names, time: length(after_s) });
}

async function trunkState(name: string): Promise<readonly string[] | null> {
  const answer = await trunks();
  const trunk = answer.ok ? answer.value.find((one) => one.name === name) : undefined;
  return trunk === undefined ? null : [trunkInWords(trunk), lastFailure(trunk)].filter((one) => one !== null);
}

async function phoneState(name: string): Promise<readonly string[] | null> {
  const answer = await phones();
  const phone = answer.ok ? answer.value.find((one) => one.agent === name) : undefined;
  return phone === undefined ? null : [phoneInWords(phone)];
}

async function keyState(id: string): Promise<readonly string[] | null> {
  const answer = await keysUsed();
  return answer.ok ? [usedInWords(answer.value.find((one) => one.id === id))] : null;
}

/** How it stands at the moment. */
function Stands({ name, ask }: { name: string; ask(name: string): Promise<readonly string[] | null> }): ReactElement {
  const said = useAgain(name, () => ask(name)) ?? [];
  return (
    <aside className={css.beside} aria-label={m.admin_state()}>
      <h3>{m.admin_state()}</h3>
      {said.map((one) => (
        <p key={one} data-testid="admin-state">
          {one}
        </p>
      ))}
    </aside>
  );
}

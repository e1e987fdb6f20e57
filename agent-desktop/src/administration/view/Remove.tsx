// Taking a thing out of the company: it is asked first what still needs it, and said what happens to what goes on.

import { Button } from "@mantine/core";
import { useEffect, useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { CODES } from "../../codes";
import { useDesk } from "../../hooks";
import { m } from "../../paraglide/messages.js";
import { Dialog } from "../../view/Dialog";
import dialog from "../../view/Dialog.module.css";
import { mayRemove, queues, remove, type Which } from "../api";
import { KIND } from "../kinds";
import { pathOf } from "../place";
import { removed } from "../removed";
import { unsaved } from "../unsaved";
import type { Work } from "../work";

export function RemoveButton({ work }: { work: Work }): ReactElement | null {
  const [asking, setAsking] = useState(false);
  const { which } = work;
  if (which === null || which.kind === "company") return null;
  return (
    <>
      <Button variant="subtle" color="red" onClick={() => setAsking(true)} data-testid="admin-remove">
        {m.admin_remove()}
      </Button>
      {asking && <Question work={work} which={which} onClose={() => setAsking(false)} />}
    </>
  );
}

type OfThing = Exclude<Which, { kind: "company" }>;

function Question({ work, which, onClose }: { work: Work; which: OfThing; onClose(): void }): ReactElement {
  const [, navigate] = useLocation();
  const { session } = useDesk();
  const [obstacles, setObstacles] = useState<readonly string[] | null>(null);
  const waiting = useWaiting(which, work.name);
  useEffect(() => {
    void mayRemove(which).then((answer) => {
      const said = answer.ok ? [] : answer.refusals.map((one) => one.said);
      setObstacles(answer.ok || said.length > 0 ? said : [CODES[answer.code]()]);
    });
  }, [which]);
  const go = async (): Promise<void> => {
    const answer = await remove(which, null);
    if (!answer.ok) {
      setObstacles(answer.refusals.length > 0 ? answer.refusals.map(({ said }) => said) : [CODES[answer.code]()]);
      return;
    }
    work.discard();
    unsaved.set(null);
    removed.set({ kind: which.kind, name: work.name, settings: KIND[which.kind].returns ? work.view.get().base : null });
    navigate(pathOf({ page: "list", kind: which.kind }));
  };
  const isFree = obstacles?.length === 0;
  return (
    <Dialog title={m.admin_remove_title({ name: work.title })} onClose={onClose}>
      <div className={dialog.text} data-testid="admin-remove-text">
        {obstacles?.map((said) => <p key={said} role="alert">{said}</p>)}
        {isFree && <p>{KIND[which.kind].gone()}</p>}
        {isFree && which.kind === "agents" && work.name === session.name && <p>{m.admin_yourself_removed()}</p>}
        {isFree && waiting !== null && waiting > 0 && <p>{goesOn(work, waiting)}</p>}
      </div>
      <div className={dialog.buttons}>
        <Button variant="default" data-focus onClick={onClose}>
          {m.admin_remove_no()}
        </Button>
        <Button color="red" disabled={!isFree} onClick={() => void go()} data-testid="admin-remove-confirm">
          {m.admin_remove()}
        </Button>
      </div>
    </Dialog>
  );
}

/** What becomes of what waits in a queue. */
function goesOn(work: Work, count: number): string {
  const { overflow } = work.view.get().base;
  return typeof overflow === "string" ? m.admin_gone_waiting_overflow({ count, queue: overflow }) : m.admin_gone_waiting({ count });
}

function useWaiting({ kind }: OfThing, name: string): number | null {
  const [waiting, setWaiting] = useState<number | null>(null);
  useEffect(() => {
    if (kind !== "queues") return;
    void queues().then((answer) => {
      if (answer.ok) setWaiting(answer.value.find((queue) => queue.name === name)?.waiting ?? 0);
    });
  }, [kind, name]);
  return waiting;
}

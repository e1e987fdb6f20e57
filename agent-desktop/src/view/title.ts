// The title and the sign of the tab: whoever looks at another one sees that it rings, or how much is unread.

import { useEffect } from "react";
import { useFloor } from "../hooks";
import { m } from "../paraglide/messages.js";
import { alerting, unread } from "../state";
import { itemName, whoCalls } from "./names";

export function useTitle(): void {
  const state = useFloor();
  const { ringing } = state.agent;
  const came = alerting(state)[0];
  const count = [...state.chats.values()].reduce((sum, chat) => sum + unread(chat, state.messages.get(chat.chat)), 0);
  const title =
    ringing !== null
      ? `☎ ${m.title_rings({ caller: whoCalls(ringing) })}`
      : came !== undefined
        ? m.title_alerting({ item: itemName(came.item, state) })
        : count > 0
          ? `(${count}) Vorrang`
          : "Vorrang";
  // A pinned tab shows nothing but its sign.
  const isNews = ringing !== null || came !== undefined || count > 0;
  useEffect(() => {
    const sign = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    sign?.setAttribute("href", `${import.meta.env.BASE_URL}${isNews ? "favicon-news.svg" : "favicon.svg"}`);
  }, [isNews]);
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = "Vorrang";
    };
  }, [title]);
}

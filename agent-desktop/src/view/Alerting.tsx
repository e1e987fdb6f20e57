// What came without the agent's asking: it has to be turned to in time, or it goes back.

import type { ReactElement } from "react";
import { CHANNELS } from "../codes";
import { useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import { activateObstacle } from "../rules";
import type { Alerting as One } from "../state";
import { Act, itemData } from "./Act";
import css from "./Alerting.module.css";
import { Until } from "./Clock";
import { Icon } from "./Icon";
import { itemName, pageName } from "./names";
import { CHANNEL_ICONS } from "./Queues";

/** The button stands in front: where it comes, nothing else is ever clicked. */
export function Alerting({ alerting: { item, view, until } }: { alerting: One }): ReactElement {
  const state = useFloor();
  const online = useOnline();
  const channel = "channel" in view ? view.channel : "chat";
  const about = "text" in view ? view.text : pageName(view.page);

  return (
    <section className={css.banner} aria-label={m.alerting()} data-testid="alerting" {...itemData(item)}>
      <Act
        command={{ do: "activate", item }}
        obstacle={activateObstacle(state, online)}
        size="sm"
        className={css.act}
        leftSection={<Icon name="play" size={15} />}
        label={m.activate_label({ item: itemName(item, state) })}
        testid="alerting-activate"
        item={item}
      >
        {m.activate()}
      </Act>
      <span className={css.sign}>
        <Icon name={CHANNEL_ICONS[channel]} size={18} />
      </span>
      <div className={css.what}>
        <p className={css.first}>
          <span>{m.alerting_what({ channel: CHANNELS[channel]() })}</span>
          <strong>{about === "" ? itemName(item, state) : about}</strong>
          <span>{view.queue_name}</span>
        </p>
        <p className={css.how}>{m.alerting_hint()}</p>
      </div>
      <span className={css.left} data-testid="alerting-left">
        <span className="hidden">{m.alerting_left()} </span>
        <Until at={until} />
      </span>
    </section>
  );
}

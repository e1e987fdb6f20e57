// What can be done with an item, the same button wherever the item is looked at.

import type { ButtonProps } from "@mantine/core";
import type { ReactElement } from "react";
import { useFloor, useOnline } from "../hooks";
import { m } from "../paraglide/messages.js";
import type { ItemRef, WrapUpView } from "../../../web-shared/src/protocol/agent";
import { activateObstacle, obstacle, parkObstacle } from "../rules";
import { Act } from "./Act";
import { Icon } from "./Icon";

interface Props {
  item: ItemRef;
  /** What it is about, for those who do not see what the button stands beside. */
  name: string;
  size?: NonNullable<ButtonProps["size"]>;
}

export function Activate({ item, name }: Props): ReactElement {
  return (
    <Act
      command={{ do: "activate", item }}
      obstacle={activateObstacle(useFloor(), useOnline())}
      size="sm"
      leftSection={<Icon name="play" size={15} />}
      label={m.activate_label({ item: name })}
      testid="activate"
      item={item}
    >
      {m.activate()}
    </Act>
  );
}

export function Park({ item, name, size = "sm" }: Props): ReactElement {
  return (
    <Act
      command={{ do: "park", item }}
      obstacle={parkObstacle(useFloor(), useOnline(), item)}
      size={size}
      variant="default"
      leftSection={<Icon name="pause" size={15} />}
      label={m.act_on({ act: m.park(), item: name })}
      keys="Alt+P"
      testid="park"
      item={item}
    >
      {m.park()}
    </Act>
  );
}

interface WrapUpProps extends Props {
  wrapUp: WrapUpView;
}

export function ExtendWrapUp({ item, name, size = "sm", wrapUp }: WrapUpProps): ReactElement {
  return (
    <Act
      command={{ do: "extend_wrap_up", item }}
      obstacle={obstacle(wrapUp.extend, useOnline())}
      size={size}
      variant="default"
      label={m.act_on({ act: m.extend(), item: name })}
      testid="extend-wrap-up"
      item={item}
    >
      {m.extend()}
    </Act>
  );
}

/** All wrap-ups that wait, done with one click. */
export function FinishAll({ items, gone, className }: { items: readonly ItemRef[]; gone: boolean; className?: string | undefined }): ReactElement {
  const online = useOnline();
  return (
    <Act
      command={items.map((item) => ({ do: "finish", item }))}
      obstacle={gone ? "not_yours" : obstacle(null, online)}
      variant="subtle"
      color="violet"
      leftSection={<Icon name="check" size={15} />}
      className={className}
      {...(gone ? {} : { testid: "finish-all" })}
    >
      {m.finish_all({ count: items.length })}
    </Act>
  );
}

/** `attended`: it is what the agent is at, so that the key means it. */
export function FinishWrapUp({ item, name, size = "sm", wrapUp, attended }: WrapUpProps & { attended: boolean }): ReactElement {
  return (
    <Act
      command={{ do: "finish", item }}
      obstacle={obstacle(wrapUp.finish, useOnline())}
      size={size}
      color="violet"
      leftSection={<Icon name="check" size={15} />}
      label={m.act_on({ act: m.finish(), item: name })}
      {...(attended ? { keys: "Alt+F" } : {})}
      testid="finish-wrap-up"
      item={item}
    >
      {m.finish()}
    </Act>
  );
}

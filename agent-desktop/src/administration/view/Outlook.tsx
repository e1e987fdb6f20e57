// Who would get what came for a queue now, and why the others would not.

import { useState, type ReactElement } from "react";
import { CHANNELS, PASSED_OVER, STRATEGIES } from "../../codes";
import { m } from "../../paraglide/messages.js";
import { facts } from "../../view/Why";
import type { Channel } from "../../../../web-shared/src/protocol/agent";
import type { NotAsked, OutlookView } from "../../../../web-shared/src/protocol/rest";
import { timeOf } from "../../locale";
import { outlook } from "../api";
import { useAgain } from "./again";
import css from "./Form.module.css";

interface Props {
  /** The queue's id and its name as it is stored. */
  queue: string;
  name: string;
}

export function Outlook({ queue, name }: Props): ReactElement {
  const [channel, setChannel] = useState<Channel>("call");
  const found = useAgain(`${queue} ${channel}`, async () => {
    const answer = await outlook(queue, channel);
    return answer.ok ? answer.value : null;
  });
  return (
    <section className={css.outlook} data-testid="admin-outlook">
      <h3 id="outlook-title">{m.admin_outlook()}</h3>
      <select aria-labelledby="outlook-title" value={channel} onChange={({ target }) => setChannel(target.value as Channel)}>
        {Object.entries(CHANNELS).map(([one, text]) => (
          <option key={one} value={one}>
            {text()}
          </option>
        ))}
      </select>
      {found !== null && <Found found={found} name={name} />}
    </section>
  );
}

function Found({ found, name }: { found: OutlookView; name: string }): ReactElement {
  const { queue, closed, given, waiting, candidates, passed_over, strategy } = found;
  const hours = closed === null ? null : <p data-testid="admin-outlook-closed">{closed.opens === null ? m.admin_outlook_closed() : m.admin_outlook_closed_until({ when: timeOf(closed.opens) })}</p>;
  if (queue === null) {
    return (
      <>
        {hours}
        <p className={css.main}>{m.admin_outlook_refused()}</p>
      </>
    );
  }
  return (
    <>
      {hours}
      {queue !== name && <p>{m.admin_outlook_elsewhere({ queue })}</p>}
      {!given && <p>{m.admin_outlook_taken()}</p>}
      {waiting > 0 && <p>{m.admin_outlook_waiting({ count: waiting })}</p>}
      {candidates.length === 0 ? (
        <p className={css.main} data-testid="admin-outlook-nobody">{m.admin_outlook_nobody()}</p>
      ) : (
        <>
          <ol>
            {candidates.map((one, at) => (
              // Two colleagues may have the same name; who comes when is all there is to know.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={at} data-testid="admin-outlook-candidate">
                <b dir="auto">{one.agent}</b>: {facts(one)}
              </li>
            ))}
          </ol>
          <p>{m.why_rule_free({ order: STRATEGIES[strategy]() })}</p>
        </>
      )}
      {passed_over.length > 0 && (
        <>
          <p>{m.admin_outlook_others()}</p>
          <ul>
            {byObstacle(passed_over).map(([obstacle, agents]) => (
              <li key={obstacle} data-testid="admin-outlook-other" data-obstacle={obstacle}>
                {PASSED_OVER[obstacle]()}: <b dir="auto">{agents.join(", ")}</b>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** Most first. */
function byObstacle(passed: readonly NotAsked[]): readonly [NotAsked["obstacle"], readonly string[]][] {
  const found = new Map<NotAsked["obstacle"], string[]>();
  for (const { obstacle, agent } of passed) found.set(obstacle, [...(found.get(obstacle) ?? []), agent]);
  return [...found].toSorted(([, one], [, other]) => other.length - one.length);
}

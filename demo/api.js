// The simulated telephones of the demo, over the daemon's REST interface.

async function ask(method, path, body) {
  const response = await fetch(`/api/v1/demo${path}`, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response.headers.get("content-type")?.includes("json") ? response.json() : null;
}

export const look = () => ask("GET", "");
export const call = () => ask("POST", "/calls", {});
export const press = (agent, key) => ask("POST", `/phones/${agent}/${key}`, {});
export const hangUpCaller = (id) => ask("POST", `/callers/${id}/hang_up`, {});
export const setPresence = (agent, presence) => ask("PUT", `/agents/${agent}/presence`, { presence });

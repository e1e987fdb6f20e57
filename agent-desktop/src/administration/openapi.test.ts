import { expect, test } from "vitest";
import { detailsOf, groupsOf, type Details, type Field, type Operation } from "./openapi";

const text = { type: "string" };
const DOCUMENT = {
  servers: [{ url: "/api/v1" }],
  paths: {
    "/queues/{queue}/outlook": {
      get: {
        tags: ["queues"],
        summary: "Whom an item would meet\nthat came now.",
        parameters: [
          { name: "queue", in: "path", description: "As `GET /queues` lists it", required: true, schema: { type: "integer", format: "int64", minimum: 0 } },
          { name: "channel", in: "query", required: false, schema: { $ref: "#/components/schemas/Channel" } },
        ],
        responses: {
          200: { description: "Who could be asked", content: { "application/json": { schema: { $ref: "#/components/schemas/Level" } } } },
          401: { description: "`unauthenticated`", content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
          404: { description: "`not_found`", content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
        },
        security: [{ session: ["work: read"] }, { basic: ["work: read"] }],
      },
    },
    "/agents/{name}/presence": {
      put: {
        tags: ["agents"],
        parameters: [{ name: "name", in: "path", required: true, schema: text }],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Presence" } } } },
        responses: { 204: { description: "Done" } },
        security: [{ session: [] }, { basic: [] }],
      },
    },
    "/sessions": { post: { tags: ["sessions"], requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Login" } } } } } },
    "/archive": { get: { tags: ["queues"], responses: { 200: { content: { "application/zip": {} } } } } },
    "/holidays": { post: { tags: ["queues"], requestBody: { content: { "text/calendar": {} } }, responses: { 200: { content: { "application/x-ndjson": {} } } } } },
  },
  components: {
    securitySchemes: { session: { type: "apiKey", in: "cookie", name: "s" }, basic: { type: "http", scheme: "basic" } },
    schemas: {
      Channel: { type: "string", enum: ["call", "chat"], description: "A kind of item." },
      Level: {
        type: "object",
        required: ["name", "next"],
        properties: {
          name: { type: ["string", "null"], maxLength: 40, default: "x" },
          next: { oneOf: [{ $ref: "#/components/schemas/Level", description: "The one after it." }, { type: "null" }] },
          channels: { type: "array", items: { $ref: "#/components/schemas/Channel" } },
          lost: { $ref: "#/components/schemas/Nowhere" },
          names: { type: "object", additionalProperties: text },
        },
      },
      Presence: {
        oneOf: [
          { type: "object", description: "Works.", required: ["presence"], properties: { presence: { type: "string", enum: ["it's on"] } } },
          { type: "object", required: ["presence", "reason"], properties: { presence: text, reason: { type: "integer", minimum: 5 } } },
        ],
      },
      Login: { type: "object", required: ["name"], properties: { name: text, code: text } },
      Problem: { type: "object", properties: { code: text } },
    },
  },
};

function find(id: string): Operation {
  const found = groupsOf(DOCUMENT).flatMap(({ operations }) => operations).find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}
const details = (id: string): Details => detailsOf(DOCUMENT, find(id), "https://chat.example.com");
const field = (fields: readonly Field[] | undefined, name: string): Field | undefined => fields?.find((one) => one.name === name);

test("addresses stand in their groups, in the order of the document, with what a role has to let people do", () => {
  expect(groupsOf(DOCUMENT).map(({ name, operations }) => [name, operations.map(({ id }) => id)])).toEqual([
    ["queues", ["GET /queues/{queue}/outlook", "GET /archive", "POST /holidays"]],
    ["agents", ["PUT /agents/{name}/presence"]],
    ["sessions", ["POST /sessions"]],
  ]);
  expect(find("GET /queues/{queue}/outlook")).toMatchObject({ summary: "Whom an item would meet that came now.", rights: ["work: read"] });
  expect(find("PUT /agents/{name}/presence").rights).toEqual([]);
  expect(find("POST /sessions").rights).toBeNull();
});

test("parameters say where they stand and what they may be", () => {
  expect(details("GET /queues/{queue}/outlook").parameters).toMatchObject([
    { name: "queue", type: "integer", required: true, about: "As `GET /queues` lists it", facts: ["path", "int64", "≥ 0"] },
    { name: "channel", type: "Channel", required: false, about: "A kind of item.", facts: ["query"], values: ['"call"', '"chat"'] },
  ]);
});

test("refusals that are alike stand together, and what comes has its fields", () => {
  const { answers } = details("GET /queues/{queue}/outlook");
  expect(answers.map(({ statuses }) => statuses.map(({ status }) => status))).toEqual([["200"], ["401", "404"]]);
  const level = answers[0]?.bodies[0]?.shape;
  expect(level?.type).toBe("Level");
  expect(field(level?.fields, "name")).toMatchObject({ type: "string | null", required: true, facts: ["length ≤ 40", 'default "x"'] });
  expect(field(level?.fields, "channels")).toMatchObject({ type: "Channel[]", required: false, values: ['"call"', '"chat"'] });
  expect(field(level?.fields, "names")?.fields).toMatchObject([{ name: "{…}", type: "string" }]);
});

test("what lies in itself, or points nowhere, ends", () => {
  const level = details("GET /queues/{queue}/outlook").answers[0]?.bodies[0]?.shape;
  expect(field(level?.fields, "next")).toMatchObject({ type: "Level | null", about: "The one after it.", fields: [], cut: true });
  expect(field(level?.fields, "lost")).toMatchObject({ type: "Nowhere", fields: [] });
  const circle = { components: { schemas: { A: { $ref: "#/components/schemas/A" } } }, paths: { "/a": { get: { parameters: [{ $ref: "#/paths/~1a/get/parameters/0" }] } } } };
  const [only] = groupsOf(circle)[0]?.operations ?? [];
  if (only === undefined) throw new Error("nothing is there");
  expect(detailsOf(circle, only, "").parameters).toHaveLength(1);
  let deep: unknown = text;
  for (let level = 0; level < 60; level += 1) deep = { type: "object", properties: { in: deep } };
  const pit = { paths: { "/a": { post: { requestBody: { content: { "application/json": { schema: deep } } } } } } };
  const [post] = groupsOf(pit)[0]?.operations ?? [];
  if (post === undefined) throw new Error("nothing is there");
  expect(JSON.stringify(detailsOf(pit, post, "")).match(/"name":"in"/g)?.length).toBe(25);
});

test("one of several is shown with what each has", () => {
  const [body] = details("PUT /agents/{name}/presence").bodies;
  expect(body?.shape.type).toBe("Presence");
  expect(body?.shape.either.map(({ about, fields }) => [about, fields.map(({ name }) => name)])).toEqual([
    ["Works.", ["presence"]],
    ["", ["presence", "reason"]],
  ]);
});

test.each([
  ["GET /queues/{queue}/outlook", "curl -u NAME 'https://chat.example.com/api/v1/queues/1/outlook'"],
  [
    "PUT /agents/{name}/presence",
    String.raw`curl -u NAME -X PUT \
  -H 'Content-Type: application/json' \
  -d '{"presence":"it'\''s on"}' \
  'https://chat.example.com/api/v1/agents/NAME/presence'`,
  ],
  [
    "POST /sessions",
    String.raw`curl -X POST \
  -H 'Content-Type: application/json' \
  -d '{"name":"NAME"}' \
  'https://chat.example.com/api/v1/sessions'`,
  ],
  ["GET /archive", "curl \\\n  -o FILE \\\n  'https://chat.example.com/api/v1/archive'"],
])("%s comes with a command that can be tried", (id, command) => {
  expect(details(id).curl).toBe(command);
});

test("a body that is no JSON comes from a file", () => {
  expect(details("POST /holidays").curl).toContain("-H 'Content-Type: text/calendar' \\\n  --data-binary @FILE \\\n  'https:");
});

test.each([null, "text", [], { paths: [] }, { paths: { "/a": null, "/b": { get: null, parameters: 3 } } }])("where nothing is described, nothing is shown: %j", (document) => {
  expect(groupsOf(document)).toEqual([]);
});

// The description of the API (OpenAPI 3.1) as it is read by people: its addresses in groups, and of each what it takes and answers.
// Pure. What is missing or strange in the document is left out, and nothing is followed without an end.

/** What a request to one address does. */
export interface Operation {
  /** Method and path: no other one has the same. */
  readonly id: string;
  /** In capitals. */
  readonly method: string;
  /** Below the server's address: `/queues/{queue}`. */
  readonly path: string;
  readonly summary: string;
  readonly about: string;
  /** What a role has to let people do, as `work: read`; `null`: nobody has to be signed in. */
  readonly rights: readonly string[] | null;
  /** What it is found by. */
  readonly words: string;
}

export interface Group {
  readonly name: string;
  readonly operations: readonly Operation[];
}

/** A value, as far as it is described. */
export interface Shape {
  /** As one writes a type: `string | null`, `Contact[]`. */
  readonly type: string;
  readonly about: string;
  /** How it is bounded, in the words of the document: `int64`, `≥ 0`. */
  readonly facts: readonly string[];
  /** The only values that there are; empty: any. */
  readonly values: readonly string[];
  readonly fields: readonly Field[];
  /** It is one of them. */
  readonly either: readonly Shape[];
  /** There is more to it, which has stood before or lies too deep. */
  readonly cut: boolean;
}

export interface Field extends Shape {
  readonly name: string;
  readonly required: boolean;
}

export interface Body {
  /** The content type. */
  readonly media: string;
  readonly shape: Shape;
}

/** Answers that have the same content. */
export interface Answers {
  readonly statuses: readonly { readonly status: string; readonly about: string }[];
  readonly bodies: readonly Body[];
}

/** What an operation takes and answers. */
export interface Details {
  /** Where each stands (`path`, `query`, `header`) is the first of its facts. */
  readonly parameters: readonly Field[];
  readonly bodies: readonly Body[];
  readonly answers: readonly Answers[];
  /** A command that asks for it; what is in capitals is to be replaced. */
  readonly curl: string;
}

type Table = Readonly<Record<string, unknown>>;

const METHODS = ["get", "post", "put", "patch", "delete"];
const PLAIN = new Set(["string", "integer", "number", "boolean"]);
/** No deeper is anything shown that lies in something else: a list of objects in a field is three steps. */
const DEEPEST = 24;
/** No deeper is an example, and no longer is a chain of pointers. */
const FEW = 8;

/** All addresses, by their groups in the order of the document. */
export function groupsOf(document: unknown): Group[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, item] of entries(table(document)["paths"])) {
    for (const method of METHODS) {
      const described = resolved(document, table(item)[method]);
      if (Object.keys(described).length === 0) continue;
      const name = text(list(described["tags"])[0]);
      groups.set(name, [...(groups.get(name) ?? []), operation(document, method.toUpperCase(), path, described)]);
    }
  }
  return [...groups].map(([name, operations]) => ({ name, operations }));
}

function operation(document: unknown, method: string, path: string, described: Table): Operation {
  const summary = oneLine(described["summary"]);
  const about = oneLine(described["description"]);
  const rights = rightsOf(described["security"] ?? table(document)["security"]);
  const named = list(described["parameters"]).map((one) => text(resolved(document, one)["name"]));
  const words = [method, path, ...list(described["tags"]).map(text), summary, about, ...(rights ?? []), ...named].join(" ");
  return { id: `${method} ${path}`, method, path, summary, about, rights, words };
}

/** Each of what stands there is enough: in ours they all ask for the same. */
function rightsOf(security: unknown): string[] | null {
  const ways = list(security).map(table);
  if (ways.length === 0 || ways.some((way) => Object.keys(way).length === 0)) return null;
  return [...new Set(ways.flatMap((way) => Object.values(way).flatMap(list).map(text)))];
}

/** `origin`: where the daemon is reached, such as `https://chat.example.com`. */
export function detailsOf(document: unknown, { method, path }: Operation, origin: string): Details {
  const item = table(table(table(document)["paths"])[path]);
  const described = resolved(document, item[method.toLowerCase()]);
  const parameters = [...list(item["parameters"]), ...list(described["parameters"])].map((one) => resolved(document, one));
  return {
    parameters: parameters.map((one) => parameter(document, one)),
    bodies: bodiesOf(document, resolved(document, described["requestBody"])),
    answers: answersOf(document, described),
    curl: curl(document, method, path, described, parameters, origin),
  };
}

function parameter(document: unknown, described: Table): Field {
  const shape = shapeOf(document, described["schema"]);
  return {
    ...shape,
    name: text(described["name"]),
    required: described["required"] === true,
    about: oneLine(described["description"]) || shape.about,
    facts: [text(described["in"]), ...shape.facts],
  };
}

function bodiesOf(document: unknown, described: Table): Body[] {
  return entries(described["content"]).map(([media, content]) => ({ media, shape: shapeOf(document, table(content)["schema"]) }));
}

/** Most refusals are alike: what they are like stands there once. */
function answersOf(document: unknown, described: Table): Answers[] {
  const alike = new Map<string, { statuses: { status: string; about: string }[]; bodies: Body[] }>();
  for (const [status, one] of entries(described["responses"])) {
    const answer = resolved(document, one);
    const content = JSON.stringify(answer["content"] ?? null);
    const same = alike.get(content) ?? { statuses: [], bodies: bodiesOf(document, answer) };
    same.statuses.push({ status, about: oneLine(answer["description"]) });
    alike.set(content, same);
  }
  return [...alike.values()];
}

const ANY: Shape = { type: "any", about: "", facts: [], values: [], fields: [], either: [], cut: false };

/** `within`: the names of what it lies in, `null` for what has none. */
function shapeOf(document: unknown, schema: unknown, within: readonly (string | null)[] = []): Shape {
  const described = table(schema);
  const pointer = text(described["$ref"]);
  if (pointer !== "") return referred(document, described, pointer, within);
  if (within.length > DEEPEST) return { ...ANY, type: typeOf(described), about: oneLine(described["description"]), cut: true };
  const inside = [...within, null];
  const choices = [...list(described["oneOf"]), ...list(described["anyOf"])];
  if (choices.length > 0) return chosen(document, described, choices, inside);
  const parts = list(described["allOf"]).map((one) => shapeOf(document, one, inside));
  const own = { ...ANY, type: typeOf(described), about: oneLine(described["description"]), facts: factsOf(described), values: valuesOf(described) };
  if (described["items"] !== undefined) {
    const { type, ...item } = shapeOf(document, described["items"], inside);
    const many = type.includes(" ") ? `(${type})[]` : `${type}[]`;
    return { ...item, type: own.type.replace("array", () => many), about: own.about || item.about, facts: [...own.facts, ...item.facts] };
  }
  const fields = [...parts.flatMap((part) => part.fields), ...fieldsOf(document, described, inside)];
  return { ...own, type: own.type === "any" && fields.length > 0 ? "object" : own.type, fields, cut: parts.some((part) => part.cut) };
}

/** What stands elsewhere, with what is said here of it. */
function referred(document: unknown, described: Table, pointer: string, within: readonly (string | null)[]): Shape {
  const name = pointer.split("/").at(-1) ?? pointer;
  const about = oneLine(described["description"]);
  if (within.includes(name) || within.length > DEEPEST) return { ...ANY, type: name, about, cut: true };
  const shape = shapeOf(document, at(document, pointer), [...within, name]);
  // A name says more than `object`, and less than `string` or what is in a list.
  const says = shape.type.endsWith("[]") || (PLAIN.has(shape.type) && shape.values.length === 0);
  return { ...shape, type: says ? shape.type : name, about: about || shape.about };
}

/** One of several; whether it may be `null` is no choice of its own. */
function chosen(document: unknown, described: Table, choices: readonly unknown[], inside: readonly (string | null)[]): Shape {
  const shapes = choices.map((one) => shapeOf(document, one, inside));
  const [first = ANY, ...others] = shapes.filter(({ type }) => type !== "null");
  const about = oneLine(described["description"]);
  const type = [...new Set(shapes.map((one) => one.type))].join(" | ");
  if (others.length === 0) return { ...first, type, about: about || first.about };
  return { ...ANY, type, about, either: [first, ...others] };
}

function fieldsOf(document: unknown, described: Table, inside: readonly (string | null)[]): Field[] {
  const required = list(described["required"]);
  const fields = entries(described["properties"]).map(([name, one]) => Object.assign(shapeOf(document, one, inside), { name, required: required.includes(name) }));
  const others = described["additionalProperties"];
  if (typeof others !== "object" || others === null) return fields;
  return [...fields, { ...shapeOf(document, others, inside), name: "{…}", required: false }];
}

function typeOf(described: Table): string {
  const type = described["type"];
  if (Array.isArray(type)) return type.map(text).join(" | ");
  if (text(type) !== "") return text(type);
  return described["enum"] === undefined ? "any" : "string";
}

function valuesOf(described: Table): string[] {
  const values = described["const"] === undefined ? list(described["enum"]) : [described["const"]];
  return values.map((value) => JSON.stringify(value));
}

function factsOf(described: Table): string[] {
  const facts: readonly (readonly [string, (value: string) => string])[] = [
    ["format", (value) => value],
    ["minimum", (value) => `≥ ${value}`],
    ["maximum", (value) => `≤ ${value}`],
    ["minLength", (value) => `length ≥ ${value}`],
    ["maxLength", (value) => `length ≤ ${value}`],
    ["minItems", (value) => `items ≥ ${value}`],
    ["maxItems", (value) => `items ≤ ${value}`],
    ["pattern", (value) => `pattern ${value}`],
  ];
  const said = facts.flatMap(([key, say]) => (described[key] === undefined ? [] : [say(text(described[key]))]));
  return described["default"] === undefined ? said : [...said, `default ${JSON.stringify(described["default"])}`];
}

function curl(document: unknown, method: string, path: string, described: Table, parameters: readonly Table[], origin: string): string {
  const needed = (place: string): [string, string][] =>
    parameters.filter((one) => one["in"] === place && one["required"] === true).map((one) => [text(one["name"]), plain(exampleOf(document, one["schema"], text(one["name"])))]);
  const filled = needed("path").reduce((whole, [name, value]) => whole.replace(`{${name}}`, () => encodeURIComponent(value)), path);
  const query = new URLSearchParams(needed("query")).toString();
  const server = text(table(list(table(document)["servers"])[0])["url"]);
  const base = /^https?:/.test(server) ? server : `${origin}${server}`;
  const parts = [
    `curl${asksBasic(document, described) ? " -u NAME" : ""}${method === "GET" ? "" : ` -X ${method}`}`,
    ...needed("header").map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...sent(document, resolved(document, described["requestBody"])),
    ...(answersFile(document, described) ? ["-o FILE"] : []),
    quoted(`${base}${filled}${query === "" ? "" : `?${query}`}`),
  ];
  return parts.join(parts.length > 2 ? " \\\n  " : " ");
}

function asksBasic(document: unknown, described: Table): boolean {
  const schemes = table(table(table(document)["components"])["securitySchemes"]);
  const ways = list(described["security"] ?? table(document)["security"]).flatMap((way) => Object.keys(table(way)));
  return ways.some((way) => table(schemes[way])["scheme"] === "basic");
}

function sent(document: unknown, body: Table): string[] {
  const [first] = entries(body["content"]);
  if (first === undefined) return [];
  const [media, content] = first;
  const schema = table(content)["schema"];
  const data = isJson(media) ? `-d ${quoted(JSON.stringify(exampleOf(document, schema, "value")))}` : "--data-binary @FILE";
  return [`-H ${quoted(`Content-Type: ${media}`)}`, data];
}

/** Whether what comes is nothing for a screen. */
function answersFile(document: unknown, described: Table): boolean {
  const good = entries(described["responses"]).filter(([status]) => status.startsWith("2"));
  const medias = good.flatMap(([, answer]) => entries(resolved(document, answer)["content"]).map(([media]) => media));
  return medias.length > 0 && !medias.some((media) => media.endsWith("json") || media.startsWith("text/"));
}

function isJson(media: string): boolean {
  return /[/+]json$/.test(media);
}

/** The least that may be sent; all, where nothing has to be. */
function exampleOf(document: unknown, schema: unknown, name: string, depth = 0): unknown {
  const described = resolved(document, schema);
  const choice = [...list(described["oneOf"]), ...list(described["anyOf"]), ...list(described["allOf"])].find((one) => table(one)["type"] !== "null");
  const given = [described["example"], ...list(described["examples"]), described["const"], ...list(described["enum"])].find((one) => one !== undefined);
  if (given !== undefined) return given;
  if (depth > FEW) return null;
  if (choice !== undefined) return exampleOf(document, choice, name, depth + 1);
  switch (typeOf(described).split(" | ").find((type) => type !== "null")) {
    case "integer":
    case "number":
      return Math.max(1, Number(described["minimum"] ?? 1));
    case "boolean":
      return true;
    case "array":
      return [exampleOf(document, described["items"], name, depth + 1)];
    case "object": {
      const all = entries(described["properties"]);
      const needed = all.filter(([key]) => list(described["required"]).includes(key));
      const shown = needed.length > 0 || depth > 0 ? needed : all;
      return Object.fromEntries(shown.map(([key, one]) => [key, exampleOf(document, one, key, depth + 1)]));
    }
    default:
      return name.toUpperCase();
  }
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** For a shell. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** What stands there, or where it points to. A pointer that leads to another one is followed, but not in circles. */
function resolved(document: unknown, value: unknown): Table {
  let found = table(value);
  for (let steps = 0; steps < FEW && typeof found["$ref"] === "string"; steps += 1) found = table(at(document, found["$ref"]));
  return found;
}

/** What a pointer within the document (RFC 6901) names. */
function at(document: unknown, pointer: string): unknown {
  if (!pointer.startsWith("#/")) return undefined;
  const names = pointer.slice(2).split("/").map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  return names.reduce<unknown>((found, name) => (Object.hasOwn(table(found), name) ? table(found)[name] : undefined), document);
}

function table(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

function entries(value: unknown): [string, unknown][] {
  return Object.entries(table(value));
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function oneLine(value: unknown): string {
  return text(value).replace(/\s+/g, " ").trim();
}

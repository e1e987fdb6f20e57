import { expect, test } from "vitest";
import { pieces } from "./links";

/** The addresses that are found in a text. */
function found(text: string): string[] {
  const all = pieces(text);
  expect(all.join("")).toBe(text);
  return all.filter((_, at) => at % 2 === 1);
}

test.each([
  ["Siehe https://example.org/a?b=c&d#e.", "https://example.org/a?b=c&d#e"],
  ["http://example.org", "http://example.org"],
  ["HTTPS://EXAMPLE.ORG/A", "HTTPS://EXAMPLE.ORG/A"],
  ["(https://example.org/a)", "https://example.org/a"],
  ["https://de.wikipedia.org/wiki/Fjell_(Norwegen), dort", "https://de.wikipedia.org/wiki/Fjell_(Norwegen)"],
  ["„https://example.org/a“", "https://example.org/a"],
  ["»https://example.org/ä«!", "https://example.org/ä"],
  ["Kennen Sie https://example.org/faq?", "https://example.org/faq"],
  ["https://example.org/a/", "https://example.org/a/"],
  ["https://xn--mbel-5qa.example:8443/ß", "https://xn--mbel-5qa.example:8443/ß"],
])("in %j the address is %j", (text, address) => {
  expect(found(text)).toEqual([address]);
});

test("several addresses, over several lines", () => {
  expect(found("a https://a.example\nhttps://b.example, b")).toEqual(["https://a.example", "https://b.example"]);
});

test.each([
  "javascript:alert(1)",
  "data:text/html,<b>x</b>",
  "ftp://example.org/",
  "www.example.org",
  "mailto:a@example.org",
  "https://",
  "https://)",
  "xhttps://example.org",
  "https://bank.example@evil.example/",
  "https://user:word@evil.example",
  '<a href="x">https</a>',
])("in %j there is none", (text) => {
  expect(found(text)).toEqual([]);
});

test("nothing of markup, and nothing that turns the reading around, gets into an address", () => {
  expect(found('<img src="https://example.org/x" onerror="y">')).toEqual(["https://example.org/x"]);
  expect(found("https://example.org/\u202Egpj.exe")).toEqual(["https://example.org/"]);
});

test("a message of brackets or of beginnings is read in no time", () => {
  for (const text of ["https://a".repeat(450), `https://${"(".repeat(3_990)}`, `https://${"()".repeat(2_000)}.`, `https://${".".repeat(3_990)}`]) {
    const begun = performance.now();
    found(text);
    expect(performance.now() - begun).toBeLessThan(1_000);
  }
});

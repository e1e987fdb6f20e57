import { expect, test } from "vitest";
import { linkOf, pieces } from "../src/links";

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
  ["Schreiben Sie an service@alpenrad.example.", "service@alpenrad.example"],
  ["<a.b+c@mail.example.org>", "a.b+c@mail.example.org"],
  ["mailto:a@example.org?subject=x", "mailto:a@example.org"],
  ["tel:+49(30)123-456, jederzeit", "tel:+49(30)123-456"],
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
  "mailto:",
  "a@b",
  "@anna",
  "tel:alert(1)",
  "vbscript:x",
  "https:example.org",
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
  for (const text of ["a".repeat(4_000), "a@".repeat(2_000), "a.b@c.".repeat(660), "tel:1".repeat(800), "https://a".repeat(450), `https://${"(".repeat(3_990)}`, `https://${"()".repeat(2_000)}.`, `https://${".".repeat(3_990)}`]) {
    const begun = performance.now();
    found(text);
    expect(performance.now() - begun).toBeLessThan(1_000);
  }
});

test.each([
  ["https://example.org/ä", "https://example.org/%C3%A4", null],
  ["HTTPS://Example.ORG:8443/A", "https://example.org:8443/A", null],
  ["https://xn--mbel-5qa.example/", "https://xn--mbel-5qa.example/", null],
  ["https://möbel.example/", "https://xn--mbel-5qa.example/", "xn--mbel-5qa.example"],
  // Cyrillic letters that look like Latin ones.
  ["https://аррӏе.example/login", "https://xn--80ak6aa92e.example/login", "xn--80ak6aa92e.example"],
  ["https://ｅxample.org", "https://example.org/", "example.org"],
  ["http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1"],
  ["a@example.org", "mailto:a@example.org", null],
  ["mailto:a@example.org", "mailto:a@example.org", null],
  ["tel:+4930123", "tel:+4930123", null],
])("%j leads to %j, and its host is shown as %j", (address, href, host) => {
  expect(linkOf(address)).toEqual({ href, host });
});

test("an address that is none leads nowhere", () => {
  expect(linkOf("https://[::1")).toBeNull();
});

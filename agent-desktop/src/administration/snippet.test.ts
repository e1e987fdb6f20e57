import { expect, test } from "vitest";
import { provisioning } from "./provisioning";
import { policy, samplePage, tag, tagManager } from "./snippet";

test("the line is the one that the documentation has, whatever the token holds", () => {
  expect(tag("https://chat.example.com", "alpenrad-web")).toBe(
    '<script async src="https://chat.example.com/widget.js" data-token="alpenrad-web"></script>',
  );
  expect(tag("https://chat.example.com", 'a"><b>&')).toContain('data-token="a&quot;>&lt;b>&amp;"');
  expect(tagManager("https://chat.example.com", '"</script>')).not.toContain('"</script>');
});

test("a sample page marks what is added, and nothing else", () => {
  const lines = samplePage("https://chat.example.com", "t", "Räder & <mehr>");
  expect(lines.filter(({ added }) => added).map(({ text }) => text.trim())).toEqual([tag("https://chat.example.com", "t")]);
  expect(lines.map(({ text }) => text).join("\n")).toContain("<title>Räder &amp; &lt;mehr></title>");
});

test("a policy lets the script and its connections through", () => {
  expect(policy("https://chat.example.com")).toBe(
    "script-src https://chat.example.com; connect-src https://chat.example.com wss://chat.example.com",
  );
  expect(policy("http://127.0.0.1:8080")).toContain("connect-src http://127.0.0.1:8080 ws://127.0.0.1:8080");
});

test("a phone is told all that it has to know", () => {
  const sip = [
    { transport: "udp", host: "203.0.113.5", port: 5060 },
    { transport: "tcp", host: "203.0.113.5", port: 5060 },
  ];
  const text = provisioning({ user: "anna", password: "geheim", name: "Anna Berger" }, { sip, sip_realm: "vorrang" });
  for (const one of ["203.0.113.5:5060", "UDP, TCP", "User name: anna", "Password: geheim", "Realm: vorrang"]) expect(text).toContain(one);
});

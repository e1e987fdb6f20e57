import { beforeEach, expect, test, vi } from "vitest";
import { overwriteGetLocale } from "../paraglide/runtime.js";
import { addressOf, importPeople, secretsTable } from "./people";

const KIM = { login_name: "kim", display_name: 'Kim "K"; Ö', password: "p4ss", phone: "+4930", phone_password: "s3cret" };
const LEE = { login_name: "=lee", display_name: "+1+cmd", password: null, phone: "-x", phone_password: null };

beforeEach(() => overwriteGetLocale(() => "en"));

test("what was made for people is a table that no spreadsheet calculates with", () => {
  expect(secretsTable([KIM, LEE])).toBe(
    "\ufeffLog-in name,Name that is shown,Password,Desk phone,The phone's password\r\n" +
      'kim,"Kim ""K""; Ö",p4ss,+4930,s3cret\r\n' +
      "'=lee,'+1+cmd,,'-x,\r\n",
  );
  overwriteGetLocale(() => "de");
  expect(secretsTable([KIM])).toContain('kim;"Kim ""K""; Ö";p4ss;+4930;s3cret');
  expect(addressOf("template")).toBe("/api/v1/company/people/template?language=de");
});

test("what was looked at is what is done, or nothing", async () => {
  const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("{}", { status: 200, headers: { ETag: '"7"' } }));
  const table = new Blob(["login"]);
  expect(await importPeople(table, true, null)).toEqual({ ok: true, value: {}, tag: '"7"' });
  await importPeople(table, false, '"7"');
  const [dry, earnest] = fetched.mock.calls;
  expect(dry?.[0]).toBe("/api/v1/company/people/import?dry_run=true");
  expect(dry?.[1]?.headers).toEqual({ "Content-Type": "text/csv" });
  expect(earnest?.[0]).toBe("/api/v1/company/people/import?dry_run=false");
  expect(earnest?.[1]).toMatchObject({ body: table, headers: { "Content-Type": "text/csv", "If-Match": '"7"' } });
});
